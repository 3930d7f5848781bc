import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";

const STREAMS = 200;
const WITHIN_MS = 10_000;

/** What `proveHttp2` asks for, and what has to come back. */
export interface Proof {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Absent: GET. */
  readonly body?: Buffer;
  readonly answer: Buffer;
  /** Absent: no trailers have to be there. */
  readonly trailers?: Readonly<Record<string, string>>;
}

/**
 * Whether a proxy answers 200 streams of one connection with all that the endpoint said: status, every byte of the body
 * and the trailers. The load clients look at status and length alone. The client is Node's own, which shares nothing
 * with them.
 *
 * @returns how many requests that were
 * @throws Error in words, when one answer is not as it has to be
 */
export async function proveHttp2(proof: Proof, port: number): Promise<number> {
  const session = connect(`http://127.0.0.1:${port}`);
  const failed = Promise.withResolvers<never>();
  session.on("error", failed.reject);
  const limit = setTimeout(() => failed.reject(new Error("streams were not answered")), WITHIN_MS);
  try {
    await Promise.race([failed.promise, Promise.all(Array.from({ length: STREAMS }, () => proveOne(session, proof)))]);
  } finally {
    clearTimeout(limit);
    session.destroy();
  }
  return STREAMS;
}

async function proveOne(session: ClientHttp2Session, proof: Proof): Promise<void> {
  const { path, headers, body } = proof;
  const method = body === undefined ? "GET" : "POST";
  const stream = session.request({ ":method": method, ":path": path, ...headers }, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  const { status, bytes, trailers } = await answerOf(stream);
  if (status !== 200) throw new Error(`answered ${status} over HTTP/2`);
  if (!bytes.equals(proof.answer)) throw new Error(`answered ${bytes.length} bytes that are not the endpoint's`);
  for (const [name, value] of Object.entries(proof.trailers ?? {})) {
    if (trailers[name] !== value) throw new Error(`the trailer ${name} is ${String(trailers[name])}, not ${value}`);
  }
}

async function answerOf(stream: ClientHttp2Stream) {
  let status: number | undefined;
  let trailers: Readonly<Record<string, unknown>> = {};
  stream.on("response", (fields) => (status = fields[":status"]));
  stream.on("trailers", (fields) => (trailers = fields));
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece);
  return { status, bytes: Buffer.concat(pieces), trailers };
}
