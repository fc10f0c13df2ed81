/** The same without what is undefined: a property that is not known is absent. */
export type Known<T> = { readonly [Key in keyof T]?: Exclude<T[Key], undefined> };

export function known<T extends object>(values: T): Known<T> {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Known<T>;
}
