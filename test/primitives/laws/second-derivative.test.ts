import { describeLaw } from "./describe-law.ts";

describeLaw("second derivative", 400);
