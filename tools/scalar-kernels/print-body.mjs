import { narrow, vectorInstructions, widen, wideInstructions } from "./instructions.mjs";
import { inOrder } from "./schedule.mjs";

/** Bits of the constants that printed code loads from memory: V8 would rebuild v128 constants in every iteration. */
export class ConstantPool {
  #offsets = new Map();
  #words = [];

  /** Byte offset of an f32 or i32 constant. */
  word(bits) {
    const key = `w${bits}`;
    return this.#offsets.get(key) ?? this.#append(key, [bits]);
  }

  /** Byte offset of an f64 constant: two words, low word first. */
  wide(value) {
    const words = new Int32Array(new Float64Array([value]).buffer);
    const key = `d${words.join()}`;
    return this.#offsets.get(key) ?? this.#append(key, [...words]);
  }

  #append(key, words) {
    const offset = this.#words.length * 4;
    this.#words.push(...words);
    this.#offsets.set(key, offset);
    return offset;
  }

  print() {
    const hex = this.#words.map((bits) => `0x${(bits >>> 0).toString(16)}`);
    const lines = [];
    for (let i = 0; i < hex.length; i += 8) lines.push(`  ${hex.slice(i, i + 8).join(", ")},`);
    return `const constants = memory.data<u32>([\n${lines.join("\n")}\n], 16);`;
  }
}

const floatBits = (value) => new Int32Array(new Float32Array([value]).buffer)[0];
const suffixes = ["a", "b", "c", "d"];
/** f64 values of one vector are two registers. */
const halves = ["l", "h"];

/**
 * Statements that compute `result` for several vectors at once, operation by operation: a single chain
 * of dependent operations would leave most of a core's units idle.
 * @param {import("./schedule.mjs").Node} result
 * @param {(input: number, chain: number) => string} inputName
 * @param {number} chains
 * @param {ConstantPool} pool
 * @returns {{ statements: string[], results: string[] }}
 */
export function printBody(result, inputName, chains, pool) {
  const statements = [];
  const names = Array.from({ length: chains }, () => new Map());
  const nameOf = (node, chain, half = "") => {
    if (node.op === "input") return inputName(node.value, chain);
    const constant = constantText(node, pool);
    return constant ?? `${names[chain].get(node)}${half}`;
  };
  const assign = (name, text) => statements.push(`    const ${name} = ${text};`);

  for (const node of inOrder(result)) {
    if (node.op === "input" || isConstant(node)) continue;
    const operands = shareConstants(node, statements, pool);
    const operand = (i, chain, half) => operands[i] ?? nameOf(node.operands[i], chain, half);
    for (let chain = 0; chain < chains; chain++) {
      const name = `${suffixes[chain]}${node.id}`;
      if (node.op === "bits" || node.op === "fromBits") {
        names[chain].set(node, operand(0, chain));
        continue;
      }
      names[chain].set(node, name);
      const all = (half) => node.operands.map((_, i) => operand(i, chain, half));
      if (node.op === "widen") {
        assign(`${name}l`, widen.low(operand(0, chain)));
        assign(`${name}h`, widen.high(operand(0, chain)));
      } else if (node.op === "narrow") {
        assign(name, narrow(operand(0, chain, "l"), operand(0, chain, "h")));
      } else if (node.kind === "D") {
        for (const half of halves) assign(name + half, wideInstructions[node.op](...all(half)));
      } else {
        const immediates = node.value === undefined ? [] : [node.value];
        assign(name, vectorInstructions[node.op](...all(""), ...immediates));
      }
    }
  }
  return {
    statements,
    results: suffixes.slice(0, chains).map((_, chain) => nameOf(result, chain)),
  };
}

/** Names of the operands that are constants, loaded once for all chains. */
function shareConstants(node, statements, pool) {
  return node.operands.map((operand, i) => {
    const text = constantText(operand, pool);
    if (text === undefined || !text.includes("load")) return text;
    const name = `k${node.id}_${i}`;
    statements.push(`    const ${name} = ${text};`);
    return name;
  });
}

const isConstant = ({ op }) => op === "f32" || op === "i32" || op === "f64";

function constantText({ op, value }, pool) {
  if (op === "f64") return `v128.load64_splat(constants, ${pool.wide(value)})`;
  if (op !== "f32" && op !== "i32") return undefined;
  const bits = op === "f32" ? floatBits(value) : value;
  return bits === 0 ? "i32x4.splat(0)" : `v128.load32_splat(constants, ${pool.word(bits)})`;
}
