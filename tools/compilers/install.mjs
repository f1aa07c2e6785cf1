import { installCompilers } from "./index.mjs";

installCompilers();
