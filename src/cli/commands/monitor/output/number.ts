const UNITS = ['', 'k', 'M', 'G', 'T'];

/**
 * A number in at most `width` (5 or more) characters, with up to `decimals` decimals if there is room,
 * and with k, M, G or T if there is not.
 */
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
