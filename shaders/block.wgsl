// Where element t of a block lies in its array: starts are one-word operands, clamped so that the block lies inside.
// Included in dynamicSlice and dynamicUpdateSlice.

fn start(axis: u32) -> i32 {
  switch (axis) {
    case 0u: { return start0(0u); }
    case 1u: { return start1(0u); }
    case 2u: { return start2(0u); }
    case 3u: { return start3(0u); }
    case 4u: { return start4(0u); }
    case 5u: { return start5(0u); }
    case 6u: { return start6(0u); }
    default: { return start7(0u); }
  }
}

fn placeInBlock(t: u32) -> u32 {
  var left = t;
  var at = 0u;
  var step = 1u;
  for (var k = 0u; k < rank(); k++) {
    let axis = rank() - 1u - k;
    let full = rest(axis);
    let size = rest(rank() + axis);
    let first = u32(clamp(start(axis), 0, full - size));
    at += (first + left % u32(size)) * step;
    left /= u32(size);
    step *= u32(full);
  }
  return at;
}
