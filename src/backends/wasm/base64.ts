const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const values = Uint8Array.from({ length: 128 }, (_, code) =>
  Math.max(0, alphabet.indexOf(String.fromCharCode(code))),
);

/**
 * The bytes of a base64 string as the bundler writes it (RFC 4648, section 4). Not by `atob`: Node's leaves the upper halves of
 * the calling thread's vector registers in use, for which processors lower their clock while kernels multiply (docs/design/kernels.md).
 */
export function decodeBase64(base64: string): Uint8Array<ArrayBuffer> {
  const padding = base64.endsWith("==") ? 2 : Number(base64.endsWith("="));
  const bytes = new Uint8Array((base64.length / 4) * 3 - padding);
  for (let i = 0, out = 0; i < base64.length; i += 4) {
    let group = 0;
    for (let j = i; j < i + 4; j++) group = (group << 6) | values[base64.charCodeAt(j)];
    // A typed array drops what is written behind its end.
    bytes[out++] = group >> 16;
    bytes[out++] = group >> 8;
    bytes[out++] = group;
  }
  return bytes;
}
