import { checkFunction, checkText } from "../core/arguments.ts";
import type { HostForm } from "../ir/control.ts";
import { bind } from "../ir/interpreter.ts";
import { definePrimitive, type Primitive } from "../ir/primitive.ts";
import { flattenValues } from "./flat-function.ts";

/** Hands values to a function on the host while the program runs. */
export const hostCall: Primitive<HostForm> = definePrimitive<HostForm>({
  name: "hostCall",
  abstractEval: () => [],
  jvp: (primals, _tangents, params) => ({ primals: bind(hostCall, primals, params), tangents: [] }),
  transpose: "nonLinear",
  batch: (values, _axes, params) => ({ values: bind(hostCall, values, params), axes: [] }),
  lower: { kind: "control", form: "host" },
  reference: "byProgram",
  effectful: true,
});

let write: (line: string) => void = (line) => {
  globalThis.console.log(line);
};

/** Where `debug.print` writes its lines; the default is the console. */
export function setPrinter(printer: (line: string) => void): void {
  write = checkFunction(printer, "the printer", "debug.setPrinter");
}

/**
 * Prints values when the compiled program runs: each `{}` in the format takes the next one. Under
 * vmap the mapped arrays are printed whole; under grad the forward values. As `jax.debug.print`.
 *
 * @example
 * import { jit, debug } from "reformax";
 * import { array, mul } from "reformax/numpy";
 * const f = jit((x) => { debug.print("x = {}", x); return mul(x, 2); });
 * f(array(21));
 */
export function print(format: string, ...values: readonly unknown[]): void {
  checkText(format, "the format", "debug.print");
  const { leaves } = flattenValues(values, "debug.print");
  bind(hostCall, leaves, {
    run: (tensors) => {
      const texts = tensors.map(String).values();
      write(format.replaceAll("{}", () => texts.next().value ?? "{}"));
    },
  });
}
