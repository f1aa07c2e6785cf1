import type { Problem } from "../../edge/problem.ts";
import type { Mask } from "../../reformer/models/config.ts";

/** Of runs whose models predict what comes next. */
export const causalMaskProblems = ({ mask }: { readonly mask?: Mask }): readonly Problem[] =>
  mask === undefined || mask === "causal"
    ? []
    : [
        {
          where: "model.mask",
          problem: "lets a model see the token that it is trained to predict",
          expected: '"causal"',
          got: JSON.stringify(mask),
          fix: "Models that see all tokens are trained by a task of one's own.",
        },
      ];
