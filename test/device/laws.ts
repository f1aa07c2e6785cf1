/** Every primitive computes on the device what the plain interpreter does, as closely as docs/gpu/README.md says. */
import { init, toHost, type Backend, type Tensor } from "../../src/index.ts";
import { setBackend } from "../../src/ir/backend.ts";
import {
  flushed,
  operandsFor,
  subjects,
  type DrawnSubject,
} from "../backends/webgpu/law-subjects.ts";
import { evaluate } from "../primitives/laws/subject.ts";
import { deviation, describeBound, boundOf, type Deviation } from "./laws/deviation.ts";
import { openBackend } from "./open.ts";
import { rounded, runSuite } from "./suite.ts";

const perRead = 50;

/** How far the results of a primitive were off at most. */
interface Row {
  readonly bound: string;
  cases: number;
  failed: number;
  worstUlps: number;
  worstShare: number;
}

const nothingYet = { cases: 0, failed: 0, worstUlps: 0, worstShare: 0 };

interface Outcome {
  readonly subject: DrawnSubject;
  readonly results: readonly Deviation[];
}

/** Programs first, one read for all. */
async function compare(
  some: readonly DrawnSubject[],
  gpu: Backend,
  reference: Backend,
): Promise<readonly Outcome[]> {
  const drawn = some.map((subject) => ({ subject, operands: operandsFor(subject) }));
  setBackend(gpu);
  const late: (readonly Tensor[])[] = drawn.map(({ subject, operands }) =>
    evaluate(subject, operands),
  );
  const got = await toHost(late);
  setBackend(reference);
  return drawn.map(({ subject, operands }, i) => ({
    subject,
    results: evaluate(subject, operands).map((expected, k) =>
      deviation(flushed(got[i][k]), flushed(expected), boundOf(subject)),
    ),
  }));
}

await runSuite({ name: "laws", seconds: 110 }, async (suite) => {
  const reference = await init("reference");
  const gpu = await openBackend();
  const rows: Record<string, Row> = {};
  const chosen = subjects.filter((_, i) => i % suite.pick({ full: 1, small: 16 }) === 0);
  let done = 0;
  while (done < chosen.length && suite.secondsLeft() > 5) {
    const some = chosen.slice(done, done + perRead);
    for (const { subject, results } of await compare(some, gpu, reference)) {
      const { name } = subject.primitive;
      const bound = boundOf(subject);
      const row = (rows[name] ??= { bound: describeBound(bound), ...nothingYet });
      row.cases++;
      for (const { ulps, share, problem } of results) {
        row.worstUlps = Math.max(row.worstUlps, ulps);
        row.worstShare = Math.max(row.worstShare, rounded(share));
        if (problem === undefined) continue;
        row.failed++;
        suite.fail(`${subject.name} ${JSON.stringify(subject.params)}: ${problem}`);
      }
    }
    done += some.length;
    suite.record("cases", { done, of: chosen.length, all: subjects.length });
    suite.record("primitives", rows);
  }
  if (done < chosen.length) suite.fail(`there was time for ${done} of ${chosen.length} cases only`);
  await gpu.dispose();
  const exact = Object.values(rows).filter(({ worstUlps }) => worstUlps === 0).length;
  return (
    `${done} of ${subjects.length} cases of ${Object.keys(rows).length} primitives, ` +
    `${exact} of them with the same bits`
  );
});
