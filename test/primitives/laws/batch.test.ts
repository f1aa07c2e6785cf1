import { describeLaw } from "./describe-law.ts";

describeLaw("batch", 1500);
