import { readFile, stat } from "node:fs/promises";
import { whyUnreadable } from "@weft/config/forms";

/** Longer files are no list of latencies, in bytes. */
const LARGEST = 64 * 1024 ** 2;

/**
 * A file of latencies: one number of ms a line. Empty lines count for nothing.
 *
 * @throws Error that says in words what is wrong with the file
 */
export async function readSamples(path: string): Promise<Float64Array> {
  const lines = (await readLines(path)).split("\n");
  const samples: number[] = [];
  lines.forEach((line, i) => {
    const text = line.trim();
    if (text === "") return;
    const ms = Number(text);
    if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY)) {
      throw new Error(`line ${i + 1} is ${JSON.stringify(text.slice(0, 40))}, which is not a number of ms`);
    }
    samples.push(ms);
  });
  if (samples.length === 0) throw new Error("it holds no latency");
  return Float64Array.from(samples);
}

async function readLines(path: string): Promise<string> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new Error("it is not a file");
    if (found.size > LARGEST) throw new Error(`it has ${found.size} bytes, more than ${LARGEST}`);
    return await readFile(path, "utf8");
  } catch (error) {
    throw new Error(`cannot be read: ${whyUnreadable(error)}`, { cause: error });
  }
}
