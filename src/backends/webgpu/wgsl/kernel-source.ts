/** What the elements of an operand are read as. */
export type ElementType = "f32" | "i32" | "u32";

/** A buffer of a kernel, by the name that its WGSL knows it by. */
export interface Operand {
  readonly name: string;
  readonly type: ElementType;
  /** Absent where the kernel only reads. */
  readonly writes?: true;
}

/** A whole number, or the bits of an f32, that a kernel takes besides its buffers. */
export interface Parameter {
  readonly name: string;
  readonly type: ElementType;
}

/** How much of a kernel's work one call of its function does. */
export type Granularity =
  /** `fn thread(t: u32)`: one thread's. */
  | "threads"
  /** `fn group(g: u32, lane: u32)`: what a workgroup does together, called by each of its threads. */
  | "groups";

/** A call as it stands in the list: where its operands begin, in words, decides how they may be read. */
export interface RecordedCall {
  readonly immediates: readonly number[];
  readonly words: readonly number[];
}

/** A kernel, and what it is called with. */
export interface ChosenKernel {
  readonly kernel: KernelSource;
  readonly immediates: readonly number[];
}

/** A kernel of `shaders/`, and how it is called. */
export interface KernelSource {
  readonly name: string;
  readonly granularity: Granularity;
  /** Threads of a workgroup. */
  readonly workgroupSize: number | ((constants: readonly number[]) => number);
  readonly operands: readonly Operand[];
  /** The immediates of a call that are part of the compiled text: a pipeline for each combination. */
  readonly constants: readonly Parameter[];
  /** The immediates behind those, read when it runs. */
  readonly numbers: readonly Parameter[];
  /** More numbers behind those named: `fn rest(i: u32) -> i32`. */
  readonly rest?: true;
  /** Extensions of WGSL that its text enables, such as f16. */
  readonly enables?: readonly string[];
  /** `group` is told its thread's subgroup besides: `fn group(g: u32, lane: u32, subgroup: u32)`. */
  readonly subgroups?: true;
  /** WGSL of `thread` or `group`, and what they need. */
  readonly body: string;
  /** Threads, or groups, of a call with these immediates. */
  readonly count: (immediates: readonly number[]) => number;
  /**
   * Operands are also read four words at a time, `fn x_quad(i: u32) -> vec4f`, and written in no other way, `set_y_quad(i, value)`:
   * to write one of four words may touch its neighbours.
   */
  readonly quads?: true;
  /** The kernel that does the same, to the same bits, with four words at a time, where operands lie so. */
  readonly wide?: (call: RecordedCall) => ChosenKernel | undefined;
}

const named =
  <T extends ElementType>(type: T) =>
  (...names: readonly string[]): readonly { readonly name: string; readonly type: T }[] =>
    names.map((name) => ({ name, type }));

/** Operands that a kernel reads, or parameters, of one type. */
export const f32 = named("f32");
export const i32 = named("i32");
export const u32 = named("u32");

/** The same operands, written. */
export const written = (operands: readonly Operand[]): readonly Operand[] =>
  operands.map((operand) => ({ ...operand, writes: true }));

/** Whether so many words, or elements, are a whole number of fours. */
export const inFours = (...words: readonly number[]): boolean =>
  words.every((count) => count % 4 === 0);
