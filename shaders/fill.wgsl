// Every word of `to` becomes the same bits.

fn thread(t: u32) {
  set_to(t, bits());
}
