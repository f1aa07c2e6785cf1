// counts[row, ...] become the sums of those before them. A workgroup of 256 threads for each row, a thread for each digit.

const LANES = 256u;
var<workgroup> sums: array<u32, LANES>;

fn group(g: u32, lane: u32) {
  let first = (g * 256u + lane) * tiles();
  var sum = 0u;
  for (var t = 0u; t < tiles(); t++) { sum += counts(first + t); }
  sums[lane] = sum;
  for (var distance = 1u; distance < LANES; distance *= 2u) {
    workgroupBarrier();
    let before = select(0u, sums[max(lane, distance) - distance], lane >= distance);
    workgroupBarrier();
    sums[lane] += before;
  }
  var at = sums[lane] - sum;
  for (var t = 0u; t < tiles(); t++) {
    let count = counts(first + t);
    set_counts(first + t, at);
    at += count;
  }
}
