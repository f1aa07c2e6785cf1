import { cpus, loadavg } from "node:os";
import type { Arithmetic } from "../../src/backends/wasm/index.ts";
import { version } from "../../src/core/version.ts";

/** Where and when numbers were measured. */
export interface Machine {
  readonly reformax: string;
  readonly node: string;
  readonly processor: string;
  readonly cores: number;
  readonly backend: string;
  readonly threads: number;
  readonly arithmetic: Arithmetic;
  /** Programs that wanted to run, on average over the last minute: above the cores, times are too long. */
  readonly load: number;
  /** ISO 8601. */
  readonly date: string;
}

export function thisMachine(
  backend: string,
  threads: number,
  arithmetic: Arithmetic = "strict",
): Machine {
  const processors = cpus();
  return {
    reformax: version,
    node: process.versions.node,
    processor: processors.at(0)?.model.trim() ?? "unknown",
    cores: processors.length,
    backend,
    threads,
    arithmetic,
    load: Math.round(loadavg()[0] * 10) / 10,
    date: new Date().toISOString(),
  };
}

export const machineText = (machine: Machine): string => {
  const { reformax, node, processor, cores, backend, threads, arithmetic, load, date } = machine;
  return `reformax ${reformax}, ${backend} on ${threads} thread(s), ${arithmetic} arithmetic, Node ${node}, ${processor}, ${cores} cores, load ${load}, ${date.slice(0, 10)}`;
};
