/**
 * Kernels with a workspace per part get it in slots: the plan does not know the number of threads, so
 * the workspace has a fixed number of slots and parts beyond it have nothing to do.
 */
const mostSlots = 32;

/** Slots for work that is split into `units`; at least one. */
export const kernelSlots = (units: number): number => Math.max(1, Math.min(units, mostSlots));
