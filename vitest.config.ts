import { defineConfig } from "vitest/config";
import { aliases } from "./tools/aliases.mjs";
import { rawAssets } from "./tools/raw-assets.mjs";

export default defineConfig({
  plugins: [rawAssets()],
  resolve: { alias: aliases },
  test: {
    environment: "node",
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/global-setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "forks",
    maxWorkers: 2,
    // Test files run side by side already; tests about threads ask for them.
    env: { REFORMAX_THREADS: "1" },
  },
});
