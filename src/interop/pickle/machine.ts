import { called, globalNamed, setState, type Spend } from "./calls.ts";
import { cursorOf, type Cursor } from "./cursor.ts";
import { fault, ofKind, tuple, type Pickled } from "./values.ts";

/** What the operations of a pickle work on. */
interface Machine {
  readonly cursor: Cursor;
  readonly spend: Spend;
  readonly memo: Map<number, Pickled>;
  readonly push: (value: Pickled) => void;
  readonly pop: () => Pickled;
  readonly top: () => Pickled;
  readonly mark: () => void;
  /** What was pushed since the last mark. */
  readonly sinceMark: () => Pickled[];
}

/** Bytes that all arrays may have beside those of the file: Python shares bytes of one element between them. */
const sharedBytes = 2 ** 16;

function machineOf(file: Uint8Array): Machine {
  let stack: Pickled[] = [];
  const below: Pickled[][] = [];
  let left = file.length + sharedBytes;
  const value = (found: Pickled | undefined): Pickled => {
    if (found === undefined) throw fault("takes from an empty stack");
    return found;
  };
  return {
    cursor: cursorOf(file),
    spend: (bytes) => {
      left -= bytes;
      if (left < 0) throw fault("arrays have more bytes than the file");
    },
    memo: new Map(),
    push: (pushed) => stack.push(pushed),
    pop: () => value(stack.pop()),
    top: () => value(stack[stack.length - 1]),
    mark: () => {
      below.push(stack);
      stack = [];
    },
    sinceMark: () => {
      const found = stack;
      const before = below.pop();
      if (before === undefined) throw fault("goes back to a mark that is not there");
      stack = before;
      return found;
    },
  };
}

type Operation = (machine: Machine) => void;

const code = (character: string): number => character.charCodeAt(0);

const pushing =
  (make: (machine: Machine) => Pickled): Operation =>
  (machine) =>
    machine.push(make(machine));

const remember =
  (index: (machine: Machine) => number): Operation =>
  (machine) =>
    machine.memo.set(index(machine), machine.top());

const recall = (width: 1 | 4): Operation =>
  pushing(({ cursor, memo }) => {
    const found = memo.get(cursor.unsigned(width));
    if (found === undefined) throw fault("recalls what was not kept");
    return found;
  });

const texts = (width: 1 | 4 | 8): Operation =>
  pushing(({ cursor }) => cursor.text(cursor.unsigned(width)));

const bytes = (width: 1 | 4 | 8): Operation =>
  pushing(({ cursor }) => ({ kind: "bytes", bytes: cursor.bytes(cursor.unsigned(width)) }));

const tuples = (count: number): Operation =>
  pushing(({ pop }) => tuple(...Array.from({ length: count }, pop).reverse()));

function addAll(list: Pickled, items: readonly Pickled[]): void {
  const own = ofKind(list, "list").items;
  for (const item of items) own.push(item);
}

function setAll(dictionary: Pickled, pairs: readonly Pickled[]): void {
  if (pairs.length % 2 !== 0) throw fault("a key has no value");
  const { entries } = ofKind(dictionary, "dictionary");
  for (let i = 0; i < pairs.length; i += 2) entries.push([pairs[i], pairs[i + 1]]);
}

const make: Operation = (machine) => {
  const args = machine.pop();
  machine.push(called(machine.pop(), args, machine.spend));
};

const operations: ReadonlyMap<number, Operation> = new Map<number, Operation>([
  [0x95, ({ cursor }) => void cursor.unsigned(8)],
  [code("("), ({ mark }) => mark()],
  [code("0"), ({ pop }) => void pop()],
  [code("1"), ({ sinceMark }) => void sinceMark()],
  [code("2"), pushing(({ top }) => top())],
  [code("N"), pushing(() => null)],
  [0x88, pushing(() => true)],
  [0x89, pushing(() => false)],
  [code("J"), pushing(({ cursor }) => cursor.signed(4))],
  [code("K"), pushing(({ cursor }) => cursor.unsigned(1))],
  [code("M"), pushing(({ cursor }) => cursor.unsigned(2))],
  [0x8a, pushing(({ cursor }) => cursor.signed(cursor.byte()))],
  [code("G"), pushing(({ cursor }) => cursor.double())],
  [0x8c, texts(1)],
  [code("X"), texts(4)],
  [0x8d, texts(8)],
  [code("C"), bytes(1)],
  [code("B"), bytes(4)],
  [0x8e, bytes(8)],
  [0x96, bytes(8)],
  [code("]"), pushing(() => ({ kind: "list", items: [] }))],
  [code("l"), pushing(({ sinceMark }) => ({ kind: "list", items: sinceMark() }))],
  [code("a"), ({ pop, top }) => ((item) => addAll(top(), [item]))(pop())],
  [code("e"), ({ sinceMark, top }) => ((items) => addAll(top(), items))(sinceMark())],
  [code(")"), tuples(0)],
  [0x85, tuples(1)],
  [0x86, tuples(2)],
  [0x87, tuples(3)],
  [code("t"), pushing(({ sinceMark }) => ({ kind: "tuple", items: sinceMark() }))],
  [code("}"), pushing(() => ({ kind: "dictionary", entries: [] }))],
  [code("s"), ({ pop, top }) => ((value, key) => setAll(top(), [key, value]))(pop(), pop())],
  [code("u"), ({ sinceMark, top }) => ((pairs) => setAll(top(), pairs))(sinceMark())],
  [code("h"), recall(1)],
  [code("j"), recall(4)],
  [code("q"), remember(({ cursor }) => cursor.unsigned(1))],
  [code("r"), remember(({ cursor }) => cursor.unsigned(4))],
  [0x94, remember(({ memo }) => memo.size)],
  [code("c"), pushing(({ cursor }) => globalNamed(cursor.line(), cursor.line()))],
  [0x93, pushing(({ pop }) => ((name, module) => globalNamed(module, name))(pop(), pop()))],
  [code("R"), make],
  [0x81, make],
  [code("b"), ({ pop, top, spend }) => ((state) => setState(top(), state, spend))(pop())],
]);

const stop = code(".");
const protocols = [2, 5] as const;

/**
 * The value of a pickle of protocol 2 to 5. No operation runs code: they make lists, and arrays of numbers.
 *
 * @throws InputError for an operation or a name that is not read, and for a file that is damaged
 */
export function unpickled(file: Uint8Array): Pickled {
  const machine = machineOf(file);
  const { cursor } = machine;
  const [first, protocol] = [cursor.byte(), cursor.byte()];
  if (first !== 0x80 || protocol < protocols[0] || protocol > protocols[1]) {
    throw fault("is no pickle of a protocol that is read", {
      expected: "protocol 2 to 5",
      got: `the bytes ${first}, ${protocol}`,
    });
  }
  for (let next = cursor.byte(); next !== stop; next = cursor.byte()) {
    const operation = operations.get(next);
    if (operation === undefined) {
      throw fault("has an operation that is not read", {
        got: `0x${next.toString(16)} at byte ${cursor.at() - 1}`,
      });
    }
    operation(machine);
  }
  return machine.pop();
}
