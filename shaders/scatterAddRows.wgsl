// to[b, indices[b, j], :] += updates[b, j, :] in ascending j; rows that do not exist are dropped. A thread has one column of a batch entry:
// for few updates.

fn thread(t: u32) {
  let b = t / inner();
  let column = t % inner();
  for (var j = 0u; j < m(); j++) {
    let row = indices(b * m() + j);
    if (row >= n()) { continue; }
    let at = (b * n() + row) * inner() + column;
    set_to(at, plus(to(at), updates((b * m() + j) * inner() + column)));
  }
}
