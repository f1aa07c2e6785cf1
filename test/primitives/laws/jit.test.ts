import { describeLaw } from "./describe-law.ts";

describeLaw("jit", 1500);
