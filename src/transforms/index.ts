import "../primitives/index.ts";
import { registerPrimitives } from "../ir/registry.ts";
import { call } from "./call.ts";
import { checkpointCall } from "./checkpoint.ts";
import { condPrimitive } from "./cond-primitive.ts";
import { customJvpCall } from "./custom-jvp.ts";
import { customLinear } from "./custom-linear.ts";
import { customVjpCall } from "./custom-vjp-primitive.ts";
import { hostCall } from "./debug-print.ts";
import { scanPrimitive } from "./scan-primitive.ts";
import { whilePrimitive } from "./while-primitive.ts";

registerPrimitives([
  call,
  checkpointCall,
  condPrimitive,
  customJvpCall,
  customLinear,
  customVjpCall,
  hostCall,
  scanPrimitive,
  whilePrimitive,
]);

export * from "./public-functions.ts";
