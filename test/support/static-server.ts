/** A static file server on loopback: what a page's host would be, with the response headers that a test wants. */
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize, sep } from "node:path";

/** A folder under a path, with its own response headers; a folder may stand under several paths. */
export interface Mount {
  /** Where the folder appears: begins and ends with a slash. */
  readonly at: string;
  readonly folder: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface StaticServer {
  /** As in `http://127.0.0.1:40123`. */
  readonly origin: string;
  close(): Promise<void>;
}

/** What a page must be served with for threads: it is then isolated from pages of other origins. */
export const isolationHeaders: Readonly<Record<string, string>> = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
};

/** Serves the folders on a free port. Where several paths fit, the longest decides. */
export async function serveStatic(mounts: readonly Mount[]): Promise<StaticServer> {
  const byLength = [...mounts].sort((a, b) => b.at.length - a.at.length);
  const server = createServer((request, response) => void answer(byLength, request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

async function answer(
  mounts: readonly Mount[],
  { url = "/" }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = decodeURIComponent(new URL(url, "http://localhost").pathname);
  const mount = mounts.find(({ at }) => path.startsWith(at));
  const file = mount && fileIn(mount, path);
  const body = file && (await readFile(file).catch(() => undefined));
  if (!body) {
    response.writeHead(404).end();
    return;
  }
  const type = types[extname(file)] ?? "application/octet-stream";
  response.writeHead(200, { "content-type": type, ...mount.headers }).end(body);
}

/** The file that a path means, unless it lies outside of the folder. */
function fileIn({ at, folder }: Mount, path: string): string | undefined {
  const inside = path.slice(at.length);
  const name = inside === "" || inside.endsWith("/") ? `${inside}index.html` : inside;
  const root = normalize(folder.endsWith(sep) ? folder : folder + sep);
  const file = join(root, name);
  return file.startsWith(root) ? file : undefined;
}
