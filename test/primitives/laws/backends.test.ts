import { describeLaw } from "./describe-law.ts";

describeLaw("backends", 1500);
