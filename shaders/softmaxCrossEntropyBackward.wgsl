// The cotangent of the logits: (exp(logits - lse) - onehot(label)) * g of the row; 0 for a negative label.

fn thread(t: u32) {
  let row = t / classes();
  let label = min(labels(row), i32(classes()) - 1);
  let weight = expF32(logits(t) - lse(row));
  let difference = select(weight, guard(weight - 1.0), i32(t % classes()) == label);
  set_dlogits(t, select(guard(difference * cotangent(row)), 0.0, label < 0));
}
