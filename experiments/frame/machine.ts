import { cpus, loadavg } from "node:os";
import { version } from "../../src/core/version.ts";

/** Where and when numbers were measured. */
export interface Machine {
  readonly reformax: string;
  readonly node: string;
  readonly processor: string;
  readonly cores: number;
  readonly backend: string;
  readonly threads: number;
  /** Programs that wanted to run, on average over the last minute: above the cores, times are too long. */
  readonly load: number;
  /** ISO 8601. */
  readonly date: string;
}

export function thisMachine(backend: string, threads: number): Machine {
  const processors = cpus();
  return {
    reformax: version,
    node: process.versions.node,
    processor: processors.at(0)?.model.trim() ?? "unknown",
    cores: processors.length,
    backend,
    threads,
    load: Math.round(loadavg()[0] * 10) / 10,
    date: new Date().toISOString(),
  };
}

export const machineText = (machine: Machine): string => {
  const { reformax, node, processor, cores, backend, threads, load, date } = machine;
  return `reformax ${reformax}, ${backend} on ${threads} thread(s), Node ${node}, ${processor}, ${cores} cores, load ${load}, ${date.slice(0, 10)}`;
};
