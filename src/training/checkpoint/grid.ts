/**
 * Every value as the nearest multiple of a step, of two equally near ones the even one. The step is the power of two that is nearest, by ratio, to `share` of the
 * values' root mean square: small values lose their bits, which large ones do not need either, and archives of the file are smaller than with as many
 * significant bits for all.
 */
export function roundToGrid(values: Float32Array, share: number): Float32Array {
  const meanSquare = values.reduce((sum, value) => sum + value * value, 0) / values.length;
  const step = powerBelow(share * Math.sqrt(2 * meanSquare));
  // A product with a power of two is exact, and so are multiples that are integers of f32's size.
  return step === 0 ? values : values.map((value) => nearestEven(value / step) * step);
}

/** The greatest power of two that is not above `size`; 0 for sizes below the smallest normal f32. */
function powerBelow(size: number): number {
  if (!(size >= 2 ** -126)) return 0;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, size);
  return 2 ** (((view.getUint16(0) >> 4) & 0x7ff) - 1023);
}

function nearestEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return below + (rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? 1 : 0);
}
