import { nodeProgram } from "../peers/node-program.ts";
import { type Launch, startHolder } from "../processes.ts";

export interface Held {
  readonly kind: "idle" | "stalled";
  readonly path: string;
  readonly count: number;
}

/**
 * Looks at a proxy while a client holds connections to it.
 *
 * @throws Error when not all connections are there, before or after: the figure would be of fewer
 */
export async function whileHeld<T>({ kind, path, count }: Held, port: number, look: () => Promise<T>): Promise<T> {
  return lookWhile(nodeProgram("holding-client.ts", [kind, String(port), path, String(count)]), count, look);
}

/** The same of streams over HTTP/2 that have the head of an answer and nothing more. */
export async function whileStreamsHeld<T>(
  connections: number,
  streams: number,
  port: number,
  look: () => Promise<T>,
): Promise<T> {
  const program = nodeProgram("h2-holding-client.ts", [port, connections, streams].map(String));
  return lookWhile(program, connections * streams, look);
}

async function lookWhile<T>(program: Launch, count: number, look: () => Promise<T>): Promise<T> {
  const client = startHolder(program);
  try {
    expectAll(await client.ask(), count);
    const seen = await look();
    expectAll(await client.ask(), count);
    return seen;
  } finally {
    await client.stop();
  }
}

function expectAll(answer: unknown, count: number): void {
  // One object, as the programs' first lines say.
  const { held, lost, why = "" } = answer as { readonly held: number; readonly lost: number; readonly why?: string };
  if (held === count && lost === 0) return;
  throw new Error(`holds ${held} of ${count} connections or streams, has lost ${lost}: ${why}`);
}
