// Gives every dispatch in a branch of a choice its grid: that written down where the branch is the one that the index chooses, nothing elsewhere.
// An entry is { first word of the grid, branch, x, y }. A choice that stands in a branch of another is reached when that one chose it: what
// was chosen stands in `grids` too, one word for each choice, 0xffffffff where none was. A thread for each entry.

struct Parameters { words: array<vec4u, 16> }
@group(0) @binding(0) var<uniform> parameters: Parameters;
@group(0) @binding(1) var<storage, read_write> arena: array<u32>;
@group(0) @binding(2) var<storage, read> entries: array<vec4u>;
@group(0) @binding(3) var<storage, read_write> grids: array<u32>;

const NOWHERE = 0xffffffffu;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let count = parameters.words[0].y;
  let index = parameters.words[0].z;
  let first = parameters.words[0].w;
  let branches = parameters.words[1].x;
  let own = parameters.words[1].y;
  let outer = parameters.words[1].z;
  let outerBranch = parameters.words[1].w;
  let isReached = outer == NOWHERE || grids[outer] == outerBranch;
  let wanted = u32(clamp(bitcast<i32>(arena[index]), 0, i32(branches) - 1));
  let chosen = select(NOWHERE, wanted, isReached);
  if (id.x == 0u) { grids[own] = chosen; }
  if (id.x >= count) { return; }
  let entry = entries[first + id.x];
  let taken = entry.y == chosen;
  grids[entry.x] = select(0u, entry.z, taken);
  grids[entry.x + 1u] = select(0u, entry.w, taken);
  grids[entry.x + 2u] = select(0u, 1u, taken);
}
