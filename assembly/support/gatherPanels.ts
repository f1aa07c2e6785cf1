/** Packing rows that a list of row indices names, into the panels that the register tile reads. */
import { lanesOf, transposeFourRows } from "./pack";
import { at } from "./words";

// @ts-ignore: decorator
@inline
function rowAt(from: usize, rows: usize, index: i32, width: i32): usize {
  return at(from, load<i32>(at(rows, index)) * width);
}

/** Rows as lanes: panels of as many rows as a step has lanes (4 or 8), [width][lanes] each. `count` is a multiple of them. */
export function gatherLanes<Step>(out: usize, from: usize, rows: usize, count: i32, width: i32): void {
  const lanes = lanesOf<Step>();
  for (let i = 0; i < count; i += 4) {
    const panel = i / lanes;
    transposeFourRows<Step>(
      at(out, panel * lanes * width + i - panel * lanes),
      rowAt(from, rows, i, width), rowAt(from, rows, i + 1, width),
      rowAt(from, rows, i + 2, width), rowAt(from, rows, i + 3, width), width,
    );
  }
}

/** Rows as they are, in panels of eight columns: [column panel][row][8], zeros behind the last column. */
export function gatherColumns(out: usize, from: usize, rows: usize, count: i32, width: i32): void {
  const whole = width & ~7;
  const panelWords = count * 8;
  for (let i = 0; i < count; i++) {
    const row = rowAt(from, rows, i, width);
    let target = at(out, i * 8);
    let column = 0;
    for (; column < whole; column += 8) {
      v128.store(target, v128.load(at(row, column)));
      v128.store(target, v128.load(at(row, column), 16), 16);
      target = at(target, panelWords);
    }
    if (column == width) continue;
    v128.store(target, f32x4.splat(0));
    v128.store(target, f32x4.splat(0), 16);
    for (let lane = 0; column + lane < width; lane++) {
      store<f32>(at(target, lane), load<f32>(at(row, column + lane)));
    }
  }
}

/** Adds the `count` rows of `from` (`stride` words apart) to the rows that the list names. */
export function scatterRows(out: usize, rows: usize, from: usize, stride: i32, count: i32, width: i32): void {
  for (let i = 0; i < count; i++) {
    const target = rowAt(out, rows, i, width);
    const source = at(from, i * stride);
    let column = 0;
    for (; column <= width - 4; column += 4) {
      v128.store(at(target, column), f32x4.add(v128.load(at(target, column)), v128.load(at(source, column))));
    }
    for (; column < width; column++) {
      store<f32>(at(target, column), load<f32>(at(target, column)) + load<f32>(at(source, column)));
    }
  }
}
