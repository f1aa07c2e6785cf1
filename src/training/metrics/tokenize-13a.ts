const entities: readonly (readonly [RegExp, string])[] = [
  [/&quot;/g, '"'],
  [/&amp;/g, "&"],
  [/&lt;/g, "<"],
  [/&gt;/g, ">"],
];

/** In this order: marks stand alone; full stops and commas do unless digits are around; a hyphen does behind a digit. */
const separations: readonly (readonly [RegExp, string])[] = [
  [/([{-~[-` -&(-+:-@/])/g, " $1 "],
  [/([^0-9])([.,])/g, "$1 $2 "],
  [/([.,])([^0-9])/g, " $1 $2"],
  [/([0-9])(-)/g, "$1 $2 "],
];

const replaceAll = (text: string, rules: readonly (readonly [RegExp, string])[]): string =>
  rules.reduce((changed, [pattern, by]) => changed.replace(pattern, by), text);

/** The tokens of the tokenizer `13a` of mteval, sacrebleu's default, whose scores are compared all over the field. */
export function tokenize13a(line: string): readonly string[] {
  const joined = line.replaceAll("<skipped>", "").replaceAll("-\n", "").replaceAll("\n", " ");
  const plain = replaceAll(joined, entities);
  return replaceAll(` ${plain} `, separations)
    .split(/\s+/)
    .filter((token) => token !== "");
}
