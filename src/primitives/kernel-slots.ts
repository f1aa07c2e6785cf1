/**
 * Slots of a kernel with a workspace per part, when so many parts share work that is split into `units`; at
 * least one. Parts beyond the slots have nothing to do.
 */
export const kernelSlots = (units: number, parts: number): number =>
  Math.max(1, Math.min(units, parts));
