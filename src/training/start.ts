/** Where a run begins: a state that has seen so many steps. */
export interface TrainStart<State> {
  readonly step: number;
  /** Its storage is taken over. */
  readonly state: State;
}
