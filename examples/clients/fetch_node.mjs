// Downloads a file with the fetch of node, in the lines that everybody writes: node fetch_node.mjs URL FILE
import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

const [url, path] = process.argv.slice(2);
const response = await fetch(url, { signal: AbortSignal.timeout(15000) });
if (!response.ok) throw new Error(`status ${response.status}`);
await pipeline(Readable.fromWeb(response.body), createWriteStream(path));
