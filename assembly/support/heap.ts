/** First byte behind the kernels' static data: memory from here on is the host's. */
export function heapBase(): usize {
  return __heap_base;
}
