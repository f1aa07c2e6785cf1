import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Tensor } from "../core/tensor.ts";
import { tensorsIn } from "./checkpoint/tensors.ts";

/**
 * SHA-256 of a tree of tensors, in 64 hexadecimal digits: equal exactly where the trees hold the
 * same numbers, bit for bit, under the same names. Of a state's `params` it is what `reformax
 * train` prints at its end.
 *
 * To compute it elsewhere, as in Python from a safetensors file: take the leaves in the order of
 * the UTF-8 bytes of their names, a name being the keys and indices from the root joined by dots
 * (`layers.0.f.shared.norm.gamma`), and digest for each leaf, one after another,
 *
 * 1. its name, its dtype (`f32`, `i32`, `u32`, `bool`, `q32.20`) and its shape (sizes in decimal
 *    digits, joined by commas; nothing for a scalar), each in UTF-8 and followed by a zero byte;
 * 2. its elements in row-major order, four bytes each, the lowest first: IEEE 754 for f32, two's
 *    complement for integers and fixed point, 0 or 1 for bool.
 *
 * @throws ReformaxError when two leaves have the same name, or one was donated; BackendError when they are on a device: give
 * `await toHost(tree)`
 * @example
 * import { array } from "reformax/numpy";
 * import { parameterHash } from "reformax/training";
 * const params = { w: array([[1, 2]]), b: array([0]) };
 * console.log(parameterHash(params).slice(0, 16)); // => 6d3c0f1512446b33
 */
export function parameterHash(tree: unknown): string {
  const hash = sha256.create();
  const leaves = [...tensorsIn(tree, "tree", "parameterHash")].map(([name, tensor]) => ({
    name: utf8(name),
    tensor,
  }));
  leaves.sort((a, b) => compareBytes(a.name, b.name));
  for (const { name, tensor } of leaves) {
    for (const part of [name, utf8(tensor.dtype), utf8(tensor.shape.join(","))]) {
      hash.update(part).update(zero);
    }
    hash.update(littleEndian(tensor));
  }
  return bytesToHex(hash.digest());
}

const zero = Uint8Array.of(0);

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}

/** The words' bits, lowest byte first whatever the machine. */
function littleEndian(tensor: Tensor): Uint8Array {
  const { buffer, byteOffset, length, byteLength } = tensor.words("parameterHash");
  const view = new DataView(new ArrayBuffer(byteLength));
  new Uint32Array(buffer, byteOffset, length).forEach((word, i) => {
    view.setUint32(4 * i, word, true);
  });
  return new Uint8Array(view.buffer);
}
