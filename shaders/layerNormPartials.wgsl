// Sums over blocks of rows of dy * n (for gamma) and of dy (for beta), n = (x - mean) * rstd: partials[2, blocks, width]. A thread for each
// column of a block, row after row. Comes before layerNormBackward, which may write over dy.

fn thread(t: u32) {
  let blocks = (rows() + perBlock() - 1u) / perBlock();
  let column = t % width();
  let b = t / width();
  var ofGamma = 0.0;
  var ofBeta = 0.0;
  for (var row = b * perBlock(); row < min(rows(), (b + 1u) * perBlock()); row++) {
    let n = guard((x(row * width() + column) - mean(row)) * rstd(row));
    let cotangent = dy(row * width() + column);
    ofGamma = fma(cotangent, n, ofGamma);
    ofBeta += cotangent;
  }
  set_partials(b * width() + column, ofGamma);
  set_partials((blocks + b) * width() + column, ofBeta);
}
