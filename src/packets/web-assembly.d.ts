// The part of WebAssembly that engines use: TypeScript knows it only together with a browser's other names.
declare namespace WebAssembly {
  type Module = object;
  interface Memory {
    readonly buffer: SharedArrayBuffer;
    grow(pages: number): number;
  }
  const Module: new (code: Uint8Array) => Module;
  const Memory: new (options: { initial: number; maximum: number; shared: true }) => Memory;
  const Instance: new (
    module: Module,
    imports: Readonly<Record<string, object>>,
  ) => { readonly exports: object };
}
