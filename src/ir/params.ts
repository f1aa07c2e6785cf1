/** Operations that take nothing but their operands. */
type PlainOperation =
  | "neg"
  | "abs"
  | "sign"
  | "floor"
  | "ceil"
  | "round"
  | "trunc"
  | "exp"
  | "expm1"
  | "log"
  | "log1p"
  | "sin"
  | "cos"
  | "tanh"
  | "sqrt"
  | "erf"
  | "erfInv"
  | "logistic"
  | "not"
  | "and"
  | "or"
  | "xor"
  | "shiftLeft"
  | "shiftRightLogical"
  | "shiftRightArithmetic"
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "rem"
  | "pow"
  | "atan2"
  | "max"
  | "min"
  | "eq"
  | "ne"
  | "lt"
  | "le"
  | "gt"
  | "ge"
  | "select"
  | "fixedAdd"
  | "fixedSub"
  | "fromFixed"
  | "stopGradient"
  | "offload"
  | "dynamicUpdateSlice"
  | "permute"
  | "sort"
  | "threefry2x32"
  | "layerNormBackward"
  | "softmaxCrossEntropy"
  | "softmaxCrossEntropyBackward";

/** No params: `{}`. */
export type NoParams = Readonly<Record<string, never>>;

/**
 * The params of every operation by its name. An operation with params adds its own line in its own file, as whoever brings
 * an operation of his own does: `declare module ".../ir/params.ts" { interface PrimitiveParams { readonly mine: MyParams } }`.
 */
export interface PrimitiveParams extends Readonly<Record<PlainOperation, NoParams>> {}

export type PrimitiveName = keyof PrimitiveParams;

/** What stands behind the operands when an operation is bound: its params, if it has any. */
export type ParamsArguments<N extends PrimitiveName> = PrimitiveParams[N] extends NoParams
  ? readonly []
  : readonly [params: PrimitiveParams[N]];
