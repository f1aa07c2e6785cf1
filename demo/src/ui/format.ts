const english = (digits: number): Intl.NumberFormat =>
  new Intl.NumberFormat("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });

const whole = english(0);
const oneDigit = english(1);
const twoDigits = english(2);

export const formatCount = (n: number): string => whole.format(n);

export const formatBits = (bits: number): string => twoDigits.format(bits);

export const formatMegabytes = (bytes: number): string => `${oneDigit.format(bytes / 1e6)} MB`;
