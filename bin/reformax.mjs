#!/usr/bin/env node
// Stands in the checkout before the first build, because npx links a package's program once, when it first sees the package.
import { existsSync } from "node:fs";

const program = new URL("../dist/cli.js", import.meta.url);
if (existsSync(program)) {
  await import(program.href);
} else {
  console.error('reformax is not built yet: run "npm run build"');
  process.exitCode = 1;
}
