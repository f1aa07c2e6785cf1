// Larger for larger numbers, the same for -0 and +0, largest for NaN. Denormals count, as they do not in comparisons of some machines.
// Included in the kernels that put f32 in order.

fn orderOfF32(word: u32) -> u32 {
  if ((word & 0x7fffffffu) > 0x7f800000u) { return 0xffffffffu; }
  if (word == 0x80000000u) { return 0x80000000u; }
  return select(word | 0x80000000u, ~word, (word & 0x80000000u) != 0u);
}
