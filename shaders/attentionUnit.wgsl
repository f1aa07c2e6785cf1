// 1 over the length of a key with these squares; `unitEpsilon` stands beside their mean. Included in the attention kernels.
fn unitFactor(squares: f32) -> f32 {
  return 1.0 / (sqrt(squares / f32(D) + unitEpsilon()) * sqrt(f32(D)));
}
