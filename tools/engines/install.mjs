import { installEngines } from "./index.mjs";

installEngines();
