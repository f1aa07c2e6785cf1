/** Files of other programs on the disk: what verify needs of Node, and folders of HuggingFace's. */
export { readCase, readCaseOrThrow, verifyFolder } from "./golden-cases.ts";
export { loadHuggingFace, saveHuggingFace } from "../../interop/node/folder.ts";
