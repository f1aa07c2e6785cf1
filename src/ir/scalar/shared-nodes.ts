/** The nodes of a graph, numbered from 0, in which those of equal keys are one. */
export interface SharedNodes<N> {
  readonly nodes: readonly N[];
  /** The node of this key; made, with its number, where there was none. */
  readonly place: (key: string, make: (id: number) => N) => N;
}

/** @returns a graph without nodes; operands are placed before what uses them, so that numbers ascend. */
export function sharedNodes<N>(): SharedNodes<N> {
  const nodes: N[] = [];
  const byKey = new Map<string, N>();
  const place = (key: string, make: (id: number) => N): N => {
    const known = byKey.get(key);
    if (known !== undefined) return known;
    const node = make(nodes.length);
    nodes.push(node);
    byKey.set(key, node);
    return node;
  };
  return { nodes, place };
}

/** A number as part of a key: -0 and 0 are two. */
export const numberKey = (value: number): string => (Object.is(value, -0) ? "-0" : `${value}`);
