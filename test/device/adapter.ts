/**
 * What there is: adapter, features, limits, and what neither says: how exact arithmetic is, whether compilers fuse it, how large a buffer
 * really gets, what may be bound together, what a dispatch costs.
 */
import { arithmeticFacts } from "./adapter/arithmetic.ts";
import { bindingFacts } from "./adapter/bindings.ts";
import { dispatchFacts } from "./adapter/dispatches.ts";
import { largeBufferFacts } from "./adapter/large-buffers.ts";
import { adapterOf, deviceOf, flagsOfEnvironment, limitsOf, nameOf } from "./open.ts";
import { rounded, runSuite, type Suite } from "./suite.ts";

/** What has to be asked for before an adapter tells all of it. */
const experimental = ["enable-dawn-features=allow_unsafe_apis,vulkan_enable_f16_on_nvidia"];

await runSuite({ name: "adapter", seconds: 35 }, async (suite) => {
  const adapter = await adapterOf(flagsOfEnvironment());
  const name = nameOf(adapter);
  suite.record("adapter", {
    name,
    subgroupSizes: [adapter.info.subgroupMinSize, adapter.info.subgroupMaxSize],
    features: [...adapter.features].sort(),
    limits: limitsOf(adapter),
  });
  suite.log(name);
  await part(suite, "experimental", experimentalFacts);
  const device = await deviceOf(adapter);
  await part(suite, "arithmetic", () =>
    arithmeticFacts(device, suite.pick({ full: 2 ** 20, small: 2 ** 14 })),
  );
  await part(suite, "bindings", () => bindingFacts(device));
  await part(suite, "dispatches", () =>
    dispatchFacts(device, suite.pick({ full: 4000, small: 200 })),
  );
  // Last, because a device may not survive it.
  await part(suite, "largeBuffers", () =>
    largeBufferFacts(device, suite.pick({ full: 2 ** 32, small: 2 ** 24 })),
  );
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  return (
    `${name}; buffers ${rounded(maxBufferSize / 2 ** 20, 6)} MiB, ` +
    `bindings ${rounded(maxStorageBufferBindingSize / 2 ** 20, 6)} MiB`
  );
});

/** A part that fails says so and leaves the others alone. */
async function part(suite: Suite, key: string, facts: () => Promise<unknown>): Promise<void> {
  if (suite.secondsLeft() < 3) return suite.fail(`${key}: no time is left`);
  try {
    const found = await facts();
    suite.record(key, found);
    suite.log(`${key} ${JSON.stringify(found)}`);
  } catch (error) {
    suite.fail(`${key}: ${String(error)}`);
  }
}

async function experimentalFacts(): Promise<unknown> {
  const adapter = await adapterOf(experimental);
  const info: GPUAdapterInfo & { readonly subgroupMatrixConfigs?: Iterable<MatrixShape> } =
    adapter.info;
  return {
    features: [...adapter.features].sort(),
    subgroupMatrices: [...(info.subgroupMatrixConfigs ?? [])].map(
      ({ componentType, resultComponentType, M, N, K }) =>
        `${componentType} to ${resultComponentType}, ${M} x ${N} x ${K}`,
    ),
  };
}

/** Not in the standard yet. */
interface MatrixShape {
  readonly componentType: string;
  readonly resultComponentType: string;
  readonly M: number;
  readonly N: number;
  readonly K: number;
}
