import type { Expression } from "../ir/expression.ts";
import type { ElementwiseCluster } from "./target.ts";

/** Text that two clusters share only if the target carries them out in the same way. */
export function clusterKey({ shape, inputs, outputs, operations }: ElementwiseCluster): string {
  const numbers = new Map<Expression, number>();
  let text = `${shape.join()};${operations};`;
  for (const { type, view } of inputs) text += `${type}${view.offset}(${view.strides.join()})`;
  // Shared parts are written once: as a tree the text could be exponentially long.
  const write = (expression: Expression): string => {
    switch (expression.kind) {
      case "input":
        return `i${expression.index}${expression.type}`;
      case "constant":
        return `${Object.is(expression.value, -0) ? "-0" : expression.value}${expression.type}`;
      case "apply": {
        const known = numbers.get(expression);
        if (known !== undefined) return `n${known}`;
        const operands = expression.operands.map(write);
        numbers.set(expression, numbers.size);
        text += `;${expression.op} ${operands.join()}`;
        return `n${numbers.size - 1}`;
      }
      default:
        return expression satisfies never;
    }
  };
  const results = outputs.map(write);
  return `${text}>${results.join()}`;
}
