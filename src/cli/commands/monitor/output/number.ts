const UNITS = ['', 'k', 'M', 'G', 'T'];

/** Formats a number in at most `width` (5 or more) characters, with decimals if they fit, or with k, M, G or T. */
export function fit(value: number, width: number, decimals: number): string {
  let rest = value;
  for (const unit of UNITS) {
    for (let digits = unit === '' ? decimals : 3; digits >= 0; digits--) {
      const text = rest.toFixed(digits) + unit;
      if (text.length <= width) return text;
    }
    rest /= 1000;
  }
  return '>'.padStart(width);
}
