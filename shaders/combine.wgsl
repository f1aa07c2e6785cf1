// The operations of reductions on words: the codes 0 to 3 take the words as f32, 4 to 7 as i32, 8 and 9 as u32.
// Included in the kernels that reduce; OP is the code.

const SUM_F32 = 0u;
const PRODUCT_F32 = 1u;
const MAX_F32 = 2u;
const MIN_F32 = 3u;
const SUM_I32 = 4u;
const PRODUCT_I32 = 5u;
const MAX_I32 = 6u;
const MIN_I32 = 7u;
const MAX_U32 = 8u;
const MIN_U32 = 9u;
const AND = 10u;
const OR = 11u;
// Of bools, whose true is 1.
const AND_BOOL = 12u;

// What changes nothing: infinities are no constant expressions, so they go by way of `zero`.
fn neutral() -> u32 {
  switch (OP) {
    case PRODUCT_F32: { return 0x3f800000u; }
    case MAX_F32: { return 0xff800000u; }
    case MIN_F32: { return 0x7f800000u; }
    case PRODUCT_I32, AND_BOOL: { return 1u; }
    case MAX_I32: { return 0x80000000u; }
    case MIN_I32: { return 0x7fffffffu; }
    case MIN_U32, AND: { return 0xffffffffu; }
    default: { return 0u; }
  }
}

fn combine(a: u32, b: u32) -> u32 {
  switch (OP) {
    case SUM_F32: { return bitcast<u32>(guard(bitcast<f32>(a) + bitcast<f32>(b))); }
    case PRODUCT_F32: { return bitcast<u32>(guard(bitcast<f32>(a) * bitcast<f32>(b))); }
    case MAX_F32: { return bitcast<u32>(maximum(bitcast<f32>(a), bitcast<f32>(b))); }
    case MIN_F32: { return bitcast<u32>(minimum(bitcast<f32>(a), bitcast<f32>(b))); }
    case SUM_I32: { return a + b; }
    case PRODUCT_I32: { return a * b; }
    case MAX_I32: { return bitcast<u32>(max(bitcast<i32>(a), bitcast<i32>(b))); }
    case MIN_I32: { return bitcast<u32>(min(bitcast<i32>(a), bitcast<i32>(b))); }
    case MAX_U32: { return max(a, b); }
    case MIN_U32: { return min(a, b); }
    case AND, AND_BOOL: { return a & b; }
    default: { return a | b; }
  }
}
