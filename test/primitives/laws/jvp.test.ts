import { describeLaw } from "./describe-law.ts";

describeLaw("jvp", 400);
