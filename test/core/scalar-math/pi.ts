/** atan(1 / n) in units of 2^-bits, by its series. */
function arcTangentOfInverse(n: bigint, bits: bigint): bigint {
  let power = (1n << bits) / n;
  let sum = 0n;
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += k % 4n === 1n ? power / k : -(power / k);
    power /= n * n;
  }
  return sum;
}

/** pi in units of 2^-bits by Machin's formula, cut off. */
export function pi(bits: bigint): bigint {
  const guard = 32n;
  const more = bits + guard;
  return (16n * arcTangentOfInverse(5n, more) - 4n * arcTangentOfInverse(239n, more)) >> guard;
}
