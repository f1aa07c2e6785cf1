/** What interop needs of Node: files. */
export { readCase, readCaseOrThrow, verifyFolder } from "./golden-cases.ts";
