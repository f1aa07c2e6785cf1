import type { QueryKey, Reversibility } from "../../src/reformer/index.ts";
import type { CopySettings } from "../copy/settings.ts";
import { settingsOf as copySettings } from "../copy/settings.ts";
import type { Size } from "../frame/experiment.ts";
import {
  smallestText,
  smallText,
  type LanguageSettings,
  type Variant,
} from "../language/settings.ts";

export interface SharedQkSettings {
  readonly text: LanguageSettings;
  readonly copy: CopySettings;
}

const copy: CopySettings = { ...copySettings.default[0], mostSteps: 500 };

export const settingsOf: Readonly<Record<Size, SharedQkSettings>> = {
  smallest: {
    text: smallestText,
    copy: copySettings.smallest[0],
  },
  default: { text: smallText, copy },
  full: {
    text: {
      ...smallText,
      width: 512,
      heads: 8,
      length: 2048,
      steps: 50_000,
      rate: 1e-3,
      warmup: 2000,
      lookEvery: 500,
      validated: 65_536,
    },
    copy: { ...copySettings.full[0], mostSteps: 4000 },
  },
};

/** How residuals are kept, by the word for it. */
export const residuals = {
  ordinary: "none",
  reversible: "exact",
} as const satisfies Readonly<Record<string, Reversibility>>;

export type Residual = keyof typeof residuals;
export const residualNames = ["ordinary", "reversible"] as const satisfies readonly Residual[];

/** Two layers of full attention. */
const model = (residual: Residual, queryKey: QueryKey): Variant => ({
  name: `${residual}, ${queryKey}`,
  model: { layers: ["full", "full"], full: { queryKey }, reversible: residuals[residual] },
});

export const pairs = residualNames.map((residual) => ({
  residual,
  shared: model(residual, "shared"),
  separate: model(residual, "separate"),
}));

export const variants: readonly Variant[] = pairs.flatMap(({ shared, separate }) => [
  separate,
  shared,
]);
