/** What interop needs of Node: files. */
export { readCase, verifyFolder } from "./golden-cases.ts";
