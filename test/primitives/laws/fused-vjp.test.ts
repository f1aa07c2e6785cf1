import { describeLaw } from "./describe-law.ts";

describeLaw("fused vjp", 28);
