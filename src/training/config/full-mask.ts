import type { Problem } from "../../edge/problem.ts";
import type { Mask } from "../../reformer/models/config.ts";

/** Of tasks whose models see all of a text. */
export const fullMaskProblems = ({ mask }: { readonly mask?: Mask }): readonly Problem[] =>
  mask === "full"
    ? []
    : [
        {
          where: "model.mask",
          problem: "hides what comes after a token from a model that should see it",
          expected: '"full"',
          got: JSON.stringify(mask ?? "causal"),
        },
      ];
