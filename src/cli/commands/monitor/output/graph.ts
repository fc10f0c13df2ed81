/** Characters of graphs: of Unicode, or of ASCII where the terminal has no UTF-8. */
export interface Glyphs {
  /** From nothing to full, one line high. */
  readonly levels: string;
  readonly full: string;
  readonly empty: string;
}

export const UNICODE: Glyphs = { levels: ' ▁▂▃▄▅▆▇█', full: '█', empty: '░' };
export const ASCII: Glyphs = { levels: ' .:-=+*#', full: '#', empty: '.' };

/** Whether the environment says UTF-8, by locale(7): LC_ALL, else LC_CTYPE, else LANG. */
export function glyphsOf({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): Glyphs {
  const locale = [LC_ALL, LC_CTYPE, LANG].find((each) => each !== undefined && each !== '') ?? '';
  return /utf-?8/i.test(locale) ? UNICODE : ASCII;
}

/** A bar of `width` characters for a part of 0 to 1; anything above 0 is one character at least. */
export function bar(part: number, width: number, { full, empty }: Glyphs): string {
  const filled = Math.min(width, part > 0 ? Math.max(1, Math.round(part * width)) : 0);
  return full.repeat(filled) + empty.repeat(width - filled);
}

/** A character for each part of 0 to 1; anything above 0 is seen. */
export function sparkline(parts: readonly number[], { levels }: Glyphs): string {
  const most = levels.length - 1;
  return parts.map((part) => levels[part > 0 ? Math.min(most, Math.max(1, Math.ceil(part * most))) : 0] ?? '').join('');
}
