// to[o, b, i] = the reduction over l of block b of source[o, l, i], one after another: a thread for each result.

fn thread(t: u32) {
  let i = t % inner();
  let b = (t / inner()) % blocks();
  let o = t / (inner() * blocks());
  let end = min((b + 1u) * block(), length());
  var sum = neutral();
  for (var l = b * block(); l < end; l++) {
    sum = combine(sum, source((o * length() + l) * inner() + i));
  }
  set_to(t, sum);
}
