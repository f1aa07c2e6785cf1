/** A share as text, as in `12.50 %`. */
export const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
