// A plain copy; both ranges may be the same, but do not overlap otherwise.

fn thread(t: u32) {
  set_to(t, source(t));
}
