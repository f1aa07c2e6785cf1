// to[outer, l, inner] = l, as an integer or as an f32.

fn thread(t: u32) {
  let l = (t / inner()) % length();
  set_to(t, select(l, bitcast<u32>(f32(l)), isFloat() != 0u));
}
