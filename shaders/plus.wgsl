// The sum of two words, of f32 or of integers. Included in the kernels of cumulative sums and of scattered ones.
fn plus(a: u32, b: u32) -> u32 {
  if (IS_FLOAT == 1u) { return bitcast<u32>(guard(bitcast<f32>(a) + bitcast<f32>(b))); }
  return a + b;
}
