import { installBundlers } from "./index.mjs";

installBundlers();
