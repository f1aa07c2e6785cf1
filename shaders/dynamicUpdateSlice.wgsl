// Writes `update` into `to`, which holds the array already, at the clamped starts. Behind the rank: the shape, then the sizes of the block.

fn thread(t: u32) {
  set_to(placeInBlock(t), update(t));
}
