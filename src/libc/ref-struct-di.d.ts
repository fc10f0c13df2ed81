/** The part of ref-struct-di 1.1.1 that this library uses. Its @types package depends on the native `ref`. */
declare module 'ref-struct-di' {
  interface Field {
    readonly offset: number;
  }
  interface StructType {
    readonly size: number;
    readonly alignment: number;
    readonly indirection: 1;
    readonly fields: Readonly<Record<string, Field>>;
    new (backing?: Buffer | Readonly<Record<string, unknown>>): { ref(): Buffer };
  }
  type Struct = (fields: Readonly<Record<string, unknown>>) => StructType;
  function define(ref: unknown): Struct;
  export = define;
}
