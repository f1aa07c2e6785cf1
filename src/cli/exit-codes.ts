/** What a command ended with. */
export const exitCodes = { success: 0, failure: 1, usage: 2 } as const;

/** Lets a command say its exit code: the functions that it is made of only return or throw. */
export type SetExitCode = (code: number) => void;
