// to[toOffset + i . toStrides] = source[sourceOffset + i . sourceStrides] for every index i of a shape. Strides may be 0 or negative.
// Behind the rank: the shape, the offset and the strides in `source`, the offset and the strides in `to`.

fn thread(t: u32) {
  let axes = rank();
  var left = t;
  var read = rest(axes);
  var write = rest(2u * axes + 1u);
  for (var k = 0u; k < axes; k++) {
    let axis = axes - 1u - k;
    let size = u32(rest(axis));
    let i = i32(left % size);
    left /= size;
    read += i * rest(axes + 1u + axis);
    write += i * rest(2u * axes + 2u + axis);
  }
  set_to(u32(write), source(u32(read)));
}
