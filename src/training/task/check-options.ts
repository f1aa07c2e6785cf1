/** Clear errors for what a task is made of. */
import { checkPartsOf, checkRecord, type KindsOf } from "../../core/arguments.ts";
import { orAbsent, type AnyKind } from "../../core/kinds.ts";
import type { MeasuredTokens } from "../data/prepared-data.ts";
import { checkRunKeys } from "../kinds.ts";
import { tokensKind } from "../value-kinds.ts";
import type { RunKeys } from "../run-keys.ts";

interface Owned<Config> {
  readonly config: Config;
  readonly keys?: RunKeys;
}

/**
 * Throws unless the options have a right configuration, keys if any, and what else the task is made of.
 *
 * @param others - the kinds of that
 */
export function checkTaskOptions<Config extends object, Options extends Owned<Config>>(
  options: Options,
  others: Readonly<Record<string, AnyKind>>,
  checkConfig: (config: Config, where: string) => void,
  where: string,
): void {
  const kinds = { config: "object", keys: orAbsent("object"), ...others } as const;
  const given: object = options;
  checkPartsOf(given, kinds, "options", where);
  checkConfig(options.config, where);
  if (options.keys) checkRunKeys(options.keys, where);
}

/** The texts of a run: to learn from, and to be measured on. */
export const checkTextData = (data: MeasuredTokens, where: string): void =>
  void checkRecord(data, textKinds, "data", where);

const textKinds: KindsOf<MeasuredTokens> = {
  train: tokensKind,
  validation: orAbsent(tokensKind),
  validationBytes: orAbsent("count"),
};
