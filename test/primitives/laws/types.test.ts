import { describeLaw } from "./describe-law.ts";

describeLaw("types", 1500);
