// What all logits of a row lose in the backward pass: to[row] = dOut[row] . out[row] - dLse[row]; without dLse where rounds are joint.

fn thread(t: u32) {
  var sum = 0.0;
  for (var c = 0u; c < E; c++) { sum = fma(dOut(t * E + c), out(t * E + c), sum); }
  set_delta(t, select(sum - dLse(t), sum, JOINT == 1u));
}
