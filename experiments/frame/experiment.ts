import type { JsonObject } from "../../src/edge/json.ts";
import type { DataSource, FoundSources } from "./data.ts";
import type { Chart } from "./plot.ts";
import type { Table } from "./table.ts";
import type { Verdict } from "./verdict.ts";

/** `smallest`: seconds, to see that it runs. `default`: minutes on two cores. `full`: the sizes of the paper. */
export type Size = "smallest" | "default" | "full";

/** What a cell measured, under names; what is no finite number is told as null. */
export type Numbers = Readonly<Record<string, number | null>>;

/** What has been measured, by the cell's name. */
export type Results = Readonly<Record<string, Numbers>>;

/** What a cell is given. */
export interface CellContext {
  /** Says how far it is. */
  readonly log: (line: string) => void;
  /** The data that the experiment declares. */
  readonly sources: FoundSources;
  /**
   * A folder for files of this cell, among the results: what it has made, and checkpoints from which it goes on after an
   * interruption. It is made when it is asked for.
   */
  readonly folder: () => string;
  /** To be told, by a cell that goes on after an interruption, how many seconds it had taken by then. */
  readonly tookBefore: (seconds: number) => void;
}

/** A piece of an experiment that is measured at once, and not again when a run goes on after an interruption. */
export interface Cell {
  readonly name: string;
  readonly run: (context: CellContext) => Promise<Numbers>;
}

/** A file that a cell has made: a page shows pictures and texts, and links to others. */
export interface MadeFile {
  readonly cell: string;
  readonly name: string;
  readonly title: string;
}

/** What stands in the tables, plots and judgement of what has been measured so far. */
export interface Report {
  readonly tables: readonly Table[];
  readonly charts: readonly Chart[];
  readonly files?: readonly MadeFile[];
  readonly verdict: Verdict;
}

export interface Plan {
  /** All that decides the numbers but the seeds: a run goes on with results of the same settings only. */
  readonly settings: JsonObject;
  readonly cells: readonly Cell[];
  readonly report: (results: Results) => Report;
}

/** On two cores. */
export interface Cost {
  readonly minutes: number;
  readonly mebibytes: number;
}

export interface Experiment {
  readonly name: string;
  /** In a sentence. */
  readonly claim: string;
  /** What was published, and where. */
  readonly published: string;
  /** What would change the verdict. */
  readonly wouldChange?: string;
  readonly costs: Readonly<Record<Size, Cost>>;
  /** Whether it runs only when it is named: it takes too long for a run of everything. */
  readonly byName?: true;
  /** How often each model is trained unless somebody asks for another number; 3 when absent. Costs are for so many. */
  readonly seeds?: number;
  /** Absent: it needs none. */
  readonly data?: readonly DataSource[];
  readonly plan: (size: Size, seeds: number) => Plan;
}
