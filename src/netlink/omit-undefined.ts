type Defined<T> = { readonly [Key in keyof T]?: Exclude<T[Key], undefined> };

/** Returns a copy without the properties that are undefined. */
export function omitUndefined<T extends object>(values: T): Defined<T> {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Defined<T>;
}
