/** The characters of graphs: Unicode, or ASCII for terminals without UTF-8. */
export interface Glyphs {
  /** Characters of one line in height, from empty to full. */
  readonly levels: string;
  readonly full: string;
  readonly empty: string;
}

export const UNICODE: Glyphs = { levels: ' ▁▂▃▄▅▆▇█', full: '█', empty: '░' };
export const ASCII: Glyphs = { levels: ' .:-=+*#', full: '#', empty: '.' };

/** Chooses by the locale(7): LC_ALL, otherwise LC_CTYPE, otherwise LANG. */
export function glyphsOf({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): Glyphs {
  const locale = [LC_ALL, LC_CTYPE, LANG].find((each) => each !== undefined && each !== '') ?? '';
  return /utf-?8/i.test(locale) ? UNICODE : ASCII;
}

/** A bar of `width` characters for a fraction of 0 to 1. A fraction above 0 has at least one character. */
export function bar(fraction: number, width: number, { full, empty }: Glyphs): string {
  const filled = Math.min(width, fraction > 0 ? Math.max(1, Math.round(fraction * width)) : 0);
  return full.repeat(filled) + empty.repeat(width - filled);
}

/** One character for each fraction of 0 to 1. A fraction above 0 is visible. */
export function sparkline(parts: readonly number[], { levels }: Glyphs): string {
  const most = levels.length - 1;
  return parts.map((part) => levels[part > 0 ? Math.min(most, Math.max(1, Math.ceil(part * most))) : 0] ?? '').join('');
}
