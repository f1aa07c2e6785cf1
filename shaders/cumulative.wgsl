// Running sums along the middle axis of source[outer, length, inner], from either end, in the tree of fours of
// src/primitives/reduction/running-sums.ts: a thread does one node of a column, of 256 elements. What comes before the node is
// before[outer, nodes, inner] where HAS_BEFORE is 1, else nothing. EXCLUSIVE: 1 for the sums before each element instead of those with it.
// `to` may be `source`.

fn thread(t: u32) {
  let i = t % inner();
  let node = (t / inner()) % nodes();
  let o = t / (inner() * nodes());
  var base = 0u;
  if (HAS_BEFORE == 1u) { base = before(t); }
  var total = 0u;
  let end = min((node + 1u) * 256u, length());
  for (var of64 = node * 256u; of64 < end; of64 += 64u) {
    let before64 = plus(base, total);
    var total64 = 0u;
    for (var of16 = of64; of16 < min(of64 + 64u, end); of16 += 16u) {
      let before16 = plus(before64, total64);
      var total16 = 0u;
      for (var leaf = of16; leaf < min(of16 + 16u, end); leaf += 4u) {
        let before4 = plus(before16, total16);
        var sum = 0u;
        for (var k = leaf; k < min(leaf + 4u, end); k++) {
          let l = select(k, length() - 1u - k, reverse() != 0u);
          let at = (o * length() + l) * inner() + i;
          let next = plus(sum, source(at));
          set_to(at, plus(before4, select(next, sum, EXCLUSIVE == 1u)));
          sum = next;
        }
        total16 = plus(total16, sum);
      }
      total64 = plus(total64, total16);
    }
    total = plus(total, total64);
  }
}
