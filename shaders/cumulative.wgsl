// Inclusive sums along the middle axis of source[outer, length, inner], from either end, block by block: a thread adds up one block of a column,
// one element after another, beginning with what the blocks before it come to: before[outer, blocks, inner] holds the sums up to and with
// each block. BLOCKS: 1 where there are several. `to` may be `source`.

fn thread(t: u32) {
  let i = t % inner();
  let b = (t / inner()) % blocks();
  let o = t / (inner() * blocks());
  var sum = 0u;
  if (BLOCKS == 1u && b > 0u) { sum = before((o * blocks() + b - 1u) * inner() + i); }
  let end = min((b + 1u) * block(), length());
  for (var k = b * block(); k < end; k++) {
    let l = select(k, length() - 1u - k, reverse() != 0u);
    let at = (o * length() + l) * inner() + i;
    sum = plus(sum, source(at));
    set_to(at, sum);
  }
}
