/*
 * The package as a user gets it: packed into a tarball, and installed by npm into an empty folder outside the checkout,
 * where nothing of the checkout's node_modules can stand in for a dependency that is missing.
 */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { exclusively } from "../../tools/exclusive.mjs";
import { fingerprint } from "../../tools/fingerprint.mjs";

const shell = process.platform === "win32";

function npm(cwd: string, ...args: string[]): string {
  const settings = ["--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
  return execFileSync("npm", [...args, ...settings], {
    cwd,
    shell,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** Everything that can end up in the tarball. */
function packable(): string[] {
  const { files } = JSON.parse(readFileSync("package.json", "utf8")) as { files: string[] };
  return ["package.json", "README.md", "CHANGELOG.md", "LICENSE", ...files];
}

/** Removes what earlier contents left behind, a day after its last use. */
function removeOld(base: string): void {
  const yesterday = Date.now() - 86_400_000;
  for (const name of readdirSync(base)) {
    const path = join(base, name);
    if (statSync(path).mtimeMs < yesterday) rmSync(path, { recursive: true, force: true });
  }
}

function install(folder: string): void {
  removeOld(dirname(folder));
  const partial = `${folder}.${process.pid}`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  try {
    npm(".", "pack", "--ignore-scripts", "--pack-destination", partial);
    const { name, version } = JSON.parse(readFileSync("package.json", "utf8")) as {
      name: string;
      version: string;
    };
    renameSync(join(partial, `${name}-${version}.tgz`), join(partial, "reformax.tgz"));
    const consumer = { name: "consumer", private: true, type: "module" };
    writeFileSync(join(partial, "package.json"), JSON.stringify(consumer));
    npm(partial, "install", "--ignore-scripts", "./reformax.tgz");
    rmSync(folder, { recursive: true, force: true });
    renameSync(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/**
 * A folder with `reformax.tgz`, the packed package, and `node_modules/reformax`, installed from it with its dependencies
 * and nothing else. Made once for the same contents, of the build that belongs to the sources; tests share it, so what a
 * test writes goes into a folder of its own: `consumerFolder`.
 */
export function packedInstall(): string {
  const base = join(tmpdir(), `reformax-packed-${process.getuid?.() ?? "user"}`);
  mkdirSync(base, { recursive: true });
  mkdirSync("build", { recursive: true });
  return exclusively("build/packed.lock", () => {
    execFileSync(process.execPath, ["tools/build.mjs"], { stdio: ["ignore", "ignore", "inherit"] });
    const folder = join(base, fingerprint(packable()).slice(0, 16));
    // Another checkout with the same contents may install at the same moment.
    exclusively(`${folder}.lock`, () => {
      if (!existsSync(join(folder, "node_modules/reformax/package.json"))) install(folder);
    });
    return folder;
  });
}

/**
 * A new folder in which `reformax` resolves to the packed package, with the given files in it. The caller removes it.
 * @param files contents by path; `{}` for none
 */
export function consumerFolder(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(packedInstall(), "consumer-"));
  cpSync(join(dirname(folder), "package.json"), join(folder, "package.json"));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}
