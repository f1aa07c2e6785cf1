// to[b, i] = both words of threefry(key[b], (0, i)) xored: JAX's partitionable stream.

fn thread(t: u32) {
  let b = t / perKey();
  let words = threefry(key(2u * b), key(2u * b + 1u), 0u, t % perKey());
  set_to(t, words.x ^ words.y);
}
