// The sums of the blocks of `cumulative`: to[outer, blocks, inner]. A thread for each.

fn thread(t: u32) {
  let i = t % inner();
  let b = (t / inner()) % blocks();
  let o = t / (inner() * blocks());
  var sum = 0u;
  let end = min((b + 1u) * block(), length());
  for (var k = b * block(); k < end; k++) {
    let l = select(k, length() - 1u - k, reverse() != 0u);
    sum = plus(sum, source((o * length() + l) * inner() + i));
  }
  set_to(t, sum);
}
