import { BackendError } from "../../core/errors.ts";

/** Every WebAssembly module begins so. */
const magic = [0, 0x61, 0x73, 0x6d];

/** Whether bytes are a module already, as they are in bundles that are made without the package's packing. */
export const isModule = (bytes: Uint8Array): boolean => magic.every((byte, i) => bytes[i] === byte);

/** The bytes of a module: as they are, or from a raw deflate stream (RFC 1951), as the package holds them. */
export async function inflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  if (isModule(bytes)) return bytes;
  if (typeof DecompressionStream === "function") {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }
  const zlib = builtInModules.process?.getBuiltinModule?.("node:zlib");
  if (zlib) return new Uint8Array(zlib.inflateRawSync(bytes));
  throw new BackendError("this engine cannot unpack the kernels", {
    where: "wasm",
    expected: "an engine with DecompressionStream",
    fix: "Use a newer browser or runtime.",
  });
}

/** Runtimes like Node without streams of the web that decompress. */
const builtInModules = globalThis as {
  readonly process?: {
    readonly getBuiltinModule?: (name: "node:zlib") => ZlibModule | undefined;
  };
};

interface ZlibModule {
  readonly inflateRawSync: (bytes: Uint8Array) => ArrayLike<number>;
}
