// to[b, j, :] = source[b, indices[b, j], :], rows of `inner` words; indices are clamped. Nothing to read (n = 0) gives zeros.

fn thread(t: u32) {
  let row = t / inner();
  let b = row / m();
  if (n() == 0u) {
    set_to(t, 0u);
    return;
  }
  let i = u32(clamp(indices(row), 0, i32(n()) - 1));
  set_to(t, source((b * n() + i) * inner() + t % inner()));
}
