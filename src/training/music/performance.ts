/** A note as it sounds. */
export interface Note {
  /** 0 to 127; 60 is the middle C. */
  readonly pitch: number;
  /** How hard it is struck, 1 to 127. */
  readonly velocity: number;
  /** In seconds. */
  readonly start: number;
  readonly end: number;
}

/** Notes by their beginnings, those of one time from the lowest up. */
export type Performance = readonly Note[];
