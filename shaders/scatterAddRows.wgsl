// to[b, indices[b, j], :] += updates[b, j, :] in ascending j; rows that do not exist are dropped. A thread has one column of a batch entry.

fn thread(t: u32) {
  let b = t / inner();
  let column = t % inner();
  for (var j = 0u; j < m(); j++) {
    let row = indices(b * m() + j);
    if (row >= n()) { continue; }
    let at = (b * n() + row) * inner() + column;
    let word = updates((b * m() + j) * inner() + column);
    let sum = to(at);
    set_to(at, select(sum + word, bitcast<u32>(guard(bitcast<f32>(sum) + bitcast<f32>(word))), isFloat() != 0u));
  }
}
