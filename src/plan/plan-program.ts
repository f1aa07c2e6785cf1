import { programKey } from "../ir/key.ts";
import type { Program } from "../ir/program.ts";
import type { CompiledFunction } from "./compiled-function.ts";
import { compileFunction, type CompiledProgram } from "./compile-function.ts";
import { PlanContext, type FunctionForm } from "./context.ts";
import { wordsOfAval } from "./graph.ts";
import type { ExecutionPlan, Region } from "./plan.ts";
import { prepareProgram } from "./prepare.ts";
import { defaultFlags, type PlanFlags, type PlanTarget } from "./target.ts";

/**
 * Compiles a program for a target: fuses, places every value in memory and writes the steps down.
 * Sub-programs stay functions: equal ones are compiled once, however often they are called.
 *
 * @throws BackendError when the target lacks a kernel that the program needs
 */
export function planProgram(
  program: Program,
  target: PlanTarget,
  flags: Partial<PlanFlags> = {},
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
  const main = compileFunction(context, prepareProgram(context, program), { kind: "main" }, "main");
  return {
    code: new Int32Array(context.code),
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
      place: inputs[i],
      words: wordsOfAval(aval),
      aval,
    })),
    outputs: program.outputs.map(({ aval }, i) => ({
      place: outputs[i],
      words: wordsOfAval(aval),
      aval,
    })),
  };
}
