/** Golden cases in folders: what verify needs of Node. */
export { readCase, readCaseOrThrow, verifyFolder } from "./golden-cases.ts";
