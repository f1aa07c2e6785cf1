// to[o, b] = the reduction of block b of row o: source[o, b * block .. (b + 1) * block). A workgroup takes a block: every thread the
// elements LANES apart, one after another, then a tree of the threads. The order depends on the length alone.

const LANES = 64u;
var<workgroup> partial: array<u32, LANES>;

fn group(g: u32, lane: u32) {
  let row = g / blocks();
  let first = (g % blocks()) * block();
  let end = min(first + block(), length());
  var sum = neutral();
  for (var l = first + lane; l < end; l += LANES) {
    sum = combine(sum, source(row * length() + l));
  }
  partial[lane] = sum;
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { partial[lane] = combine(partial[lane], partial[lane + half]); }
  }
  if (lane == 0u) { set_to(g, partial[0]); }
}
