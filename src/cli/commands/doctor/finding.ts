/** The result of a check. */
export interface Finding {
  /** What was checked, in a word or two. */
  readonly check: string;
  readonly result: 'ok' | 'warn' | 'fail';
  readonly message: string;
  /** The commands that fix it. */
  readonly fix?: readonly string[];
}

export function ok(check: string, message: string): Finding {
  return { check, result: 'ok', message };
}

export function warn(check: string, message: string, ...fix: string[]): Finding {
  return { check, result: 'warn', message, fix };
}

export function fail(check: string, message: string, ...fix: string[]): Finding {
  return { check, result: 'fail', message, fix };
}
