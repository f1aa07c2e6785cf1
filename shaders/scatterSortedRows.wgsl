// The same for many updates, whose rows were sorted: `rows` in ascending order for each batch entry, and `places` where each stood. A thread has
// one element of `to`; it looks for the first update of its row and adds them up in ascending j.

fn thread(t: u32) {
  let column = t % inner();
  let row = (t / inner()) % n();
  let first = (t / (inner() * n())) * m();
  var low = 0u;
  var high = m();
  while (low < high) {
    let middle = (low + high) / 2u;
    if (rows(first + middle) < row) { low = middle + 1u; } else { high = middle; }
  }
  if (low == m() || rows(first + low) != row) { return; }
  var sum = to(t);
  for (var s = low; s < m(); s++) {
    if (rows(first + s) != row) { break; }
    sum = plus(sum, updates((first + places(first + s)) * inner() + column));
  }
  set_to(t, sum);
}
