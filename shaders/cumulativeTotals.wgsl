// What the nodes of `cumulative` come to: to[outer, nodes, inner]. A thread for each.

fn thread(t: u32) {
  let i = t % inner();
  let node = (t / inner()) % nodes();
  let o = t / (inner() * nodes());
  var total = 0u;
  let end = min((node + 1u) * 256u, length());
  for (var of64 = node * 256u; of64 < end; of64 += 64u) {
    var total64 = 0u;
    for (var of16 = of64; of16 < min(of64 + 64u, end); of16 += 16u) {
      var total16 = 0u;
      for (var leaf = of16; leaf < min(of16 + 16u, end); leaf += 4u) {
        var sum = 0u;
        for (var k = leaf; k < min(leaf + 4u, end); k++) {
          let l = select(k, length() - 1u - k, reverse() != 0u);
          sum = plus(sum, source((o * length() + l) * inner() + i));
        }
        total16 = plus(total16, sum);
      }
      total64 = plus(total64, total16);
    }
    total = plus(total, total64);
  }
  set_to(t, total);
}
