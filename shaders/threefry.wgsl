// Threefry-2x32 with 20 rounds (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"), as JAX has it.
// Included in the kernels that draw random words.

fn rotateLeft(x: u32, count: u32) -> u32 {
  return (x << count) | (x >> (32u - count));
}

fn threefry(key0: u32, key1: u32, counter0: u32, counter1: u32) -> vec2u {
  let keys = array<u32, 3>(key0, key1, key0 ^ key1 ^ 0x1bd11bdau);
  let rotations = array<vec4u, 2>(vec4u(13u, 15u, 26u, 6u), vec4u(17u, 29u, 16u, 24u));
  var x = vec2u(counter0 + key0, counter1 + key1);
  for (var i = 0u; i < 5u; i++) {
    let counts = rotations[i & 1u];
    for (var j = 0u; j < 4u; j++) {
      x.x += x.y;
      x.y = rotateLeft(x.y, counts[j]) ^ x.x;
    }
    x.x += keys[(i + 1u) % 3u];
    x.y += keys[(i + 2u) % 3u] + i + 1u;
  }
  return x;
}
