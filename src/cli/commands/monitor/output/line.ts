/** The style of a piece of a line, on a terminal with colour. */
export type Style = 'bold' | 'dim' | 'inverse' | 'red' | 'green' | 'yellow' | 'cyan' | 'fresh';

/** A piece of a line: text, or text with a style. */
export type Span = string | { readonly text: string; readonly style: Style };
export type Line = readonly Span[];

/** SGR parameters (ECMA-48). */
const SGR: Readonly<Record<Style, string>> = {
  bold: '1',
  dim: '2',
  inverse: '7',
  red: '31',
  green: '32',
  yellow: '33',
  cyan: '36',
  fresh: '1;33',
};

export function styled(text: string, style: Style): Span {
  return { text, style };
}

function textOf(span: Span): string {
  return typeof span === 'string' ? span : span.text;
}

/** The width in columns. Every character is one column wide. */
export function widthOf(line: Line): number {
  return line.reduce((sum, span) => sum + textOf(span).length, 0);
}

/** Cuts a line to a number of columns. */
export function clip(line: Line, columns: number): Line {
  let room = columns;
  const kept: Span[] = [];
  for (const span of line) {
    if (room <= 0) break;
    const text = textOf(span).slice(0, room);
    room -= text.length;
    kept.push(typeof span === 'string' ? text : { text, style: span.style });
  }
  return kept;
}

/** The text of a line for a terminal. Every style is switched off at its end. */
export function lineText(line: Line, color: boolean): string {
  let result = '';
  for (const span of line) {
    if (typeof span === 'string' || !color) result += textOf(span);
    else if (span.text !== '') result += `\x1b[${SGR[span.style]}m${span.text}\x1b[0m`;
  }
  return color ? result : result.trimEnd();
}
