/**
 * Values, gradients and second gradients of real JAX. What differs is exactly what `docs/coming-from-jax.md` lists with a
 * reason: neither more nor less. `tools/oracle` says where the numbers come from.
 */
import { beforeAll, expect, test } from "vitest";
import { init } from "../../src/index.ts";
import { answer, differences, documentedDifferences, readCases } from "./cases.ts";

/** Every case of the file, and at most so many of them may differ. */
const files = {
  "values.json": { cases: 270, differing: 8 },
  "functions.json": { cases: 310, differing: 12 },
};

beforeAll(async () => {
  await init("wasm");
});

for (const [file, { cases: fewest, differing }] of Object.entries(files)) {
  const cases = readCases(file);
  const documented = documentedDifferences(file);

  test.each(cases)(`${file}: $id`, (jaxCase) => {
    const found = differences(jaxCase, answer(jaxCase));
    if (documented.has(jaxCase.id)) expect(found, "a documented difference").not.toEqual([]);
    else expect(found).toEqual([]);
  });

  test(`${file}: every documented difference is one of a case`, () => {
    const known = new Set(cases.map(({ id }) => id));
    expect([...documented].filter((id) => !known.has(id))).toEqual([]);
    expect(known.size).toBe(cases.length);
    expect(cases.length).toBeGreaterThanOrEqual(fewest);
    expect(documented.size).toBeLessThanOrEqual(differing);
    console.log(
      `JAX: ${cases.length} cases of ${file}, ${documented.size} documented differences among them`,
    );
  });
}
