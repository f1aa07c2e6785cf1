import { readFileSync } from "node:fs";

/** Licences that a bundled package may have: all they ask for is the notice. */
export const allowedLicences = "(MIT OR ISC OR 0BSD OR BSD-2-Clause OR BSD-3-Clause OR Apache-2.0)";

const preface = `reformax is published under the licence in LICENSE. The files in dist/ contain code of the packages below,
under their own licences.
`;

const rule = "=".repeat(80);

/** AssemblyScript's standard library is compiled into the kernels, which the bundler takes for data. */
function assemblyScript() {
  const read = (name) => readFileSync(`node_modules/assemblyscript/${name}`, "utf8");
  const { name, version, license } = JSON.parse(read("package.json"));
  return {
    name,
    version,
    license,
    part: "its standard library, in the WebAssembly kernels",
    texts: [read("LICENSE"), read("NOTICE")],
  };
}

const entry = ({ name, version, license, part, texts }) =>
  [
    rule,
    `${name} ${version} (${license})${part === undefined ? "" : `: ${part}`}`,
    ...texts.map((text) => text.trim().replaceAll("\r\n", "\n")),
  ].join("\n\n");

/**
 * The text of THIRD-PARTY-NOTICES.
 * @param {readonly { name: string, version: string, license: string, licenseText: string | null, noticeText?: string | null }[]} bundled
 *   the packages whose code the bundler has put into dist
 * @returns {string}
 */
export function thirdPartyNotices(bundled) {
  const packages = bundled.map(({ name, version, license, licenseText, noticeText }) => {
    if (!licenseText) throw new Error(`${name} is bundled but has no licence text`);
    const texts = noticeText ? [licenseText, noticeText] : [licenseText];
    return { name, version, license, texts };
  });
  const all = [...packages, assemblyScript()].sort((a, b) => a.name.localeCompare(b.name, "en"));
  return `${[preface, ...all.map(entry)].join("\n")}\n`;
}
