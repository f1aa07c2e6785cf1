// The 8 bits of a key's order from bit SHIFT on. ORDER: 0 f32 (-0 = +0, NaN last), 1 i32, 2 u32, 3 buckets, clamped to those that exist,
// 4 positions, of which those that do not exist come last.
// Included in the passes of the sort.

fn sortKeyOf(word: u32) -> u32 {
  switch (ORDER) {
    case 0u: { return orderOfF32(word); }
    case 1u: { return word ^ 0x80000000u; }
    case 3u: { return u32(clamp(bitcast<i32>(word), 0, i32(limit()) - 1)); }
    case 4u: { return min(word, limit()); }
    default: { return word; }
  }
}

fn digitOf(word: u32) -> u32 {
  return (sortKeyOf(word) >> SHIFT) & 255u;
}
