// A block of `source` that begins where eight one-word operands say, clamped so that it lies inside. Behind the rank: the shape, then the
// sizes of the block.

fn thread(t: u32) {
  set_to(t, source(placeInBlock(t)));
}
