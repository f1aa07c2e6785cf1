/** Version of the calling convention; the TypeScript side refuses a binary with another one. */
export function conventionVersion(): i32 {
  return 4;
}
