import { bytesOf } from "../core/aval.ts";
import { programKey } from "../ir/key.ts";
import type { Program } from "../ir/program.ts";
import type { CompiledFunction } from "./compiled-function.ts";
import { compileFunction, type CompiledProgram } from "./compile-function.ts";
import { PlanContext, type FunctionForm, type OutsideValues } from "./context.ts";
import { defaultFlags, type PlanFlags } from "./flags.ts";
import type { ExecutionPlan, Region } from "./plan.ts";
import { prepareProgram } from "./prepare.ts";
import type { PlanTarget } from "./target.ts";

/**
 * Compiles a program for a target: fuses, and places every value in memory.
 * Sub-programs stay functions: equal ones are compiled once, however often they are called.
 *
 * @param outside inputs and results that lie outside of the frame; none unless said
 * @throws BackendError when the target lacks a kernel that the program needs
 */
export function planProgram(
  program: Program,
  target: PlanTarget,
  flags: Partial<PlanFlags> = {},
  outside?: OutsideValues,
): ExecutionPlan {
  const compiled = new Map<string, CompiledFunction>();
  const compile = (
    context: PlanContext,
    inner: Program,
    form: FunctionForm,
    name: string,
  ): CompiledFunction => {
    const key = `${formKey(form)}${programKey(inner)}`;
    const known = compiled.get(key);
    if (known) return known;
    const made = compileFunction(context, prepareProgram(context, inner), form, name).compiled;
    context.functions.push(made);
    compiled.set(key, made);
    return made;
  };
  const context = new PlanContext(target, { ...defaultFlags, ...flags }, compile);
  const form = { kind: "main", outside } as const;
  const main = compileFunction(context, prepareProgram(context, program), form, "main");
  return {
    constants: context.constantPool(),
    functions: [...context.functions, main.compiled],
    main: main.compiled,
    ...regionsOf(program, main),
    callbacks: context.callbacks,
  };
}

function formKey(form: FunctionForm): string {
  if (form.kind === "main") return "main ";
  const donated = form.donated.map(Number).join("");
  return form.kind === "loop"
    ? `loop ${form.constants} ${form.carries} ${donated} `
    : `plain ${donated} `;
}

function regionsOf(
  program: Program,
  { inputs, outputs }: CompiledProgram,
): { readonly inputs: readonly Region[]; readonly outputs: readonly Region[] } {
  return {
    inputs: program.inputs.map(({ aval }, i) => ({
      at: inputs[i],
      bytes: bytesOf(aval),
      aval,
    })),
    outputs: program.outputs.map(({ aval }, i) => ({
      at: outputs[i],
      bytes: bytesOf(aval),
      aval,
    })),
  };
}
