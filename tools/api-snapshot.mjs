/**
 * node tools/api-snapshot.mjs   writes test/api: the names and signatures of every public module, of the current build.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Extractor, ExtractorConfig, ExtractorLogLevel } from "@microsoft/api-extractor";
import { declarationName, modules } from "./entries.mjs";

const project = join(dirname(fileURLToPath(import.meta.url)), "..");

/** The committed folder of the snapshot. */
export const snapshotFolder = "test/api";

/**
 * File of a module in the snapshot.
 * @param {string} name
 * @returns {string}
 */
export const snapshotFile = (name) => `${name.replaceAll("/", "-")}.md`;

/** How a user's strict program would see the declarations. */
const compilerOptions = {
  target: "es2022",
  lib: ["es2022"],
  module: "nodenext",
  moduleResolution: "nodenext",
  types: [],
  strict: true,
};

const silent = { default: { logLevel: "none" } };

function configure(entry, reportFolder) {
  return ExtractorConfig.prepare({
    configObject: {
      projectFolder: project,
      mainEntryPointFilePath: entry,
      compiler: { overrideTsconfig: { compilerOptions, files: [entry] } },
      apiReport: {
        enabled: true,
        // Types that signatures name belong to them, exported or not.
        includeForgottenExports: true,
        reportFileName: "report",
        reportFolder,
        reportTempFolder: join(reportFolder, "temp"),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: { extractorMessageReporting: silent, tsdocMessageReporting: silent },
      newlineKind: "lf",
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(project, "package.json"),
  });
}

/** Only what can be a change of the API: not the report's frame, nor whether a comment stands beside a name. */
function signaturesIn(report) {
  const code = report.slice(report.indexOf("```ts\n") + 6, report.lastIndexOf("```"));
  return code
    .split("\n")
    .filter(
      (line) => !/^\s*\/\/ (@\w+( \(undocumented\))?|\(undocumented\)|\(No @package.*)$/.test(line),
    )
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

/**
 * The public names of a module of the current build and their signatures, as Markdown.
 * @param {string} name
 * @returns {string}
 */
export function apiOf(name) {
  const folder = mkdtempSync(join(tmpdir(), "reformax-api-"));
  try {
    const entry = join(project, "dist/types", declarationName(name));
    const { succeeded } = Extractor.invoke(configure(entry, folder), {
      localBuild: true,
      messageCallback: (message) => {
        if (message.logLevel !== ExtractorLogLevel.Error) message.handled = true;
      },
    });
    if (!succeeded) throw new Error(`no API report of ${name}`);
    const report = readFileSync(join(folder, "report.api.md"), "utf8");
    return `# \`${name}\`\n\n\`\`\`ts\n${signaturesIn(report)}\n\`\`\`\n`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function main() {
  process.chdir(project);
  execFileSync(process.execPath, ["tools/build.mjs"], { stdio: "inherit" });
  rmSync(snapshotFolder, { recursive: true, force: true });
  mkdirSync(snapshotFolder);
  for (const name of Object.keys(modules)) {
    writeFileSync(join(snapshotFolder, snapshotFile(name)), apiOf(name));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
