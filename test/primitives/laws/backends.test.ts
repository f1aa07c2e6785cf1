import { highArena } from "../../support/high-arena.ts";
import { describeLaw } from "./describe-law.ts";

describeLaw("backends", 1500);

// Where addresses are negative as signed integers, and no sum of two fits into 32 bits.
describeLaw("backends", 1500, { arenaBase: highArena });
