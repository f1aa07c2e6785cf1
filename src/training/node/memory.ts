/** The largest number of bytes of memory that this process ever held. */
export const peakMemoryBytes = (): number => process.resourceUsage().maxRSS * 1024;
