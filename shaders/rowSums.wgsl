// Sums and maxima over the threads of a workgroup of LANES threads, in a tree. Included in the kernels that have a workgroup for each row.
// A value comes back to all threads; two calls in a row need no barrier between them.

const LANES = 64u;
var<workgroup> lanes: array<f32, LANES>;

fn sumOfLanes(lane: u32, value: f32) -> f32 {
  lanes[lane] = value;
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { lanes[lane] = guard(lanes[lane] + lanes[lane + half]); }
  }
  workgroupBarrier();
  let sum = lanes[0];
  workgroupBarrier();
  return sum;
}

fn maxOfLanes(lane: u32, value: f32) -> f32 {
  lanes[lane] = value;
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { lanes[lane] = maximum(lanes[lane], lanes[lane + half]); }
  }
  workgroupBarrier();
  let largest = lanes[0];
  workgroupBarrier();
  return largest;
}
