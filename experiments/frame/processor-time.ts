/** Seconds of processor time of the whole process, all threads together, from now on: other programs hardly matter. */
export function processorClock(): () => number {
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  };
}
