/** ref-struct-di 1.1.1, as far as it is used here; its @types package would bring the native `ref` along. */
declare module 'ref-struct-di' {
  interface Field {
    readonly offset: number;
  }
  interface StructType {
    new (backing?: Buffer | Readonly<Record<string, unknown>>): { ref(): Buffer };
    readonly size: number;
    readonly alignment: number;
    readonly indirection: 1;
    readonly fields: Readonly<Record<string, Field>>;
  }
  type Struct = (fields: Readonly<Record<string, unknown>>) => StructType;
  function define(ref: unknown): Struct;
  export = define;
}
