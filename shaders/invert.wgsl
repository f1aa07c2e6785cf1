// The inverse of permutations of each row: inverse[row, order[row, s]] = s.

fn thread(t: u32) {
  let row = t / length();
  set_inverse(row * length() + order(t), t % length());
}
