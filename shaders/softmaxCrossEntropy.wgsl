// lse = the logarithm of the sum of exponentials of each row of logits[rows, classes], loss = lse - logits[label]. A negative label has loss 0,
// one beyond the last class counts as the last. A workgroup for each row.

fn group(g: u32, lane: u32) {
  let first = g * classes();
  var largest = -3.4028234e38;
  for (var i = lane; i < classes(); i += LANES) { largest = maximum(largest, logits(first + i)); }
  let top = maxOfLanes(lane, largest);
  var sum = 0.0;
  for (var i = lane; i < classes(); i += LANES) { sum += expF32(logits(first + i) - top); }
  let total = sumOfLanes(lane, sum);
  if (lane != 0u) { return; }
  let value = guard(top + logF32(total));
  let label = labels(g);
  set_lse(g, value);
  let chosen = logits(first + u32(clamp(label, 0, i32(classes()) - 1)));
  set_loss(g, select(value - chosen, 0.0, label < 0));
}
