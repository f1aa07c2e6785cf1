import { describeLaw } from "./describe-law.ts";

describeLaw("adjoint", 400);
