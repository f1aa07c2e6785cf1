import { describeLaw } from "./describe-law.ts";

describeLaw("decomposition", 32);
