/**
 * What printed formulas call. A module declares besides `fn zero() -> u32`: a zero that it reads from a buffer, so that
 * no compiler knows it.
 */
export const wgslPrelude = `
// The same value, about which a compiler knows nothing: it cannot fuse what made it with what uses it.
fn guard(x: f32) -> f32 {
  return bitcast<f32>(bitcast<u32>(x) ^ zero());
}

// A number of these bits; WGSL refuses infinite, NaN and (some compilers) denormal constants.
fn opaque(bits: u32) -> f32 {
  return bitcast<f32>(bits ^ zero());
}

fn isNan(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}

// Integers in the order of the numbers, -0 below 0.
fn orderOf(x: f32) -> i32 {
  let bits = bitcast<i32>(x);
  return bits ^ ((bits >> 31u) & 0x7fffffffi);
}

fn minimum(a: f32, b: f32) -> f32 {
  return select(select(b, a, orderOf(a) < orderOf(b) || isNan(a)), b, isNan(b));
}

fn maximum(a: f32, b: f32) -> f32 {
  return select(select(b, a, orderOf(b) < orderOf(a) || isNan(a)), b, isNan(b));
}

fn saturated(x: f32) -> i32 {
  if (isNan(x)) { return 0i; }
  if (x >= 2147483648.0f) { return 2147483647i; }
  if (x < -2147483648.0f) { return bitcast<i32>(0x80000000u); }
  return i32(x);
}

fn saturatedUnsigned(x: f32) -> i32 {
  if (isNan(x) || x <= 0.0f) { return 0i; }
  if (x >= 4294967296.0f) { return -1i; }
  return bitcast<i32>(u32(x));
}

// The mantissa with its leading bit and the exponent of its last bit, from 1; denormal numbers have the smallest.
fn mantissaOf(bits: u32) -> u32 {
  return (bits & 0x7fffffu) | select(0u, 0x800000u, bits >= 0x800000u);
}

fn exponentOf(bits: u32) -> u32 {
  return max(bits >> 23u, 1u);
}

// The exact remainder of the truncated quotient in integers, eight bits of the quotient at a time: at most 32 times.
fn remainder(a: f32, b: f32) -> f32 {
  let sign = bitcast<u32>(a) & 0x80000000u;
  let dividend = bitcast<u32>(a) & 0x7fffffffu;
  let divisor = bitcast<u32>(b) & 0x7fffffffu;
  if (dividend >= 0x7f800000u || divisor > 0x7f800000u || divisor == 0u) { return opaque(0x7fc00000u); }
  if (dividend < divisor) { return a; }
  let modulus = mantissaOf(divisor);
  let exponent = exponentOf(divisor);
  var rest = mantissaOf(dividend) % modulus;
  var left = exponentOf(dividend) - exponent;
  while (left > 0u) {
    let step = min(left, 8u);
    rest = (rest << step) % modulus;
    left -= step;
  }
  if (rest == 0u) { return opaque(sign); }
  // Up to the leading bit of a mantissa, or as far as the exponent allows.
  let up = min(23u - firstLeadingBit(rest), exponent - 1u);
  let mantissa = rest << up;
  let field = select(0u, exponent - up, mantissa >= 0x800000u);
  return opaque(sign | (field << 23u) | (mantissa & 0x7fffffu));
}
`;
