// One pass of a stable sort by a digit of 8 bits: every key of a tile of 256, and its index, go behind those of smaller digits, of earlier tiles
// and of earlier places. A workgroup for each tile of a row. FIRST: indices are the places themselves.

const TILE = 256u;
var<workgroup> digits: array<u32, TILE>;

fn group(g: u32, lane: u32) {
  let row = g / tiles();
  let tile = g % tiles();
  let at = tile * TILE + lane;
  let exists = at < length();
  var key = 0u;
  if (exists) { key = keys(row * length() + at); }
  let digit = digitOf(key);
  digits[lane] = select(0xffffffffu, digit, exists);
  workgroupBarrier();
  if (!exists) { return; }
  var rank = counts((row * 256u + digit) * tiles() + tile);
  for (var t = 0u; t < lane; t++) { rank += select(0u, 1u, digits[t] == digit); }
  let to = row * length() + rank;
  set_sortedKeys(to, key);
  if (FIRST == 1u) { set_sortedIndices(to, at); } else { set_sortedIndices(to, indices(row * length() + at)); }
}
