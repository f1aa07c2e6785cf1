// to[n, s, :] = source[n, permutation[n, s], :], rows of `width` words; entries are clamped.

fn thread(t: u32) {
  let row = t / width();
  let n = row / length();
  let chosen = u32(clamp(permutation(row), 0, i32(length()) - 1));
  set_to(t, source((n * length() + chosen) * width() + t % width()));
}
