// counts[row, digit, tile] = how many keys of a tile have a digit. A workgroup for each tile of 256 keys of a row; digits of 8 bits.

const TILE = 256u;
var<workgroup> histogram: array<atomic<u32>, 256>;

fn group(g: u32, lane: u32) {
  let row = g / tiles();
  let tile = g % tiles();
  atomicStore(&histogram[lane], 0u);
  workgroupBarrier();
  let at = tile * TILE + lane;
  if (at < length()) { atomicAdd(&histogram[digitOf(keys(row * length() + at))], 1u); }
  workgroupBarrier();
  set_counts((row * 256u + lane) * tiles() + tile, atomicLoad(&histogram[lane]));
}
