import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { Socket } from "node:net";
import type { Time } from "@weft/core";
import { buildConnector, Pool } from "../undici.ts";
import { words } from "../notice.ts";
import type { AgentAddress } from "./agent-address.ts";
import { watchBody } from "./body-pace.ts";

const unzip = promisify(gunzip);

/** No real membership is larger: 10,000 instances are about 15 MB. */
const MAX_BYTES = 64 * 1024 * 1024;
const CONNECT_TIMEOUT_MS = 10_000;
/** Finds a dead peer below a blocking query that is silent by nature. */
const TCP_KEEP_ALIVE_MS = 15_000;
/** Consul's agent closes idle connections at 120 s: never reuse one near that age. */
const IDLE_MS = 60_000;

export interface AgentRequest {
  readonly method: "GET" | "PUT";
  /** Starts with `/v1/`, with its query. */
  readonly path: string;
  /** Empty for none. */
  readonly token: string;
  readonly body?: string;
  /** The whole exchange, with its body, must end within this, in ms; a body that trickles ends it before. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

export interface AgentResponse {
  readonly status: number;
  /** Lower case. The last one counts where a name came twice. */
  header(name: string): string | undefined;
  /** As it came, perhaps compressed: equal bytes mean an equal answer. */
  readonly raw: Buffer;
  /** Decompressed. @throws Error when it cannot be, or would be larger than 64 MiB */
  text(): Promise<string>;
}

/** No whole answer came. `cut`: the connection was made and the request sent, and then it ended. */
export class NoAnswer extends Error {
  readonly cut: boolean;

  constructor(problem: string, cut: boolean, cause?: unknown) {
    super(problem, cause === undefined ? undefined : { cause });
    this.name = "NoAnswer";
    this.cut = cut;
  }
}

/**
 * Speaks HTTP with one Consul agent, over a pool of its own.
 *
 * The deadline runs on the injected timer and covers connecting, waiting and every byte of the body: undici's own
 * timers are coarse, and its requests do not heed an abort while they connect.
 */
export class AgentHttp {
  readonly #address: AgentAddress;
  readonly #time: Time;
  readonly #pool: Pool;
  readonly #sockets = new Set<Socket>();

  /** @param maxSockets connections at once, >= 1; requests beyond wait */
  constructor(address: AgentAddress, time: Time, maxSockets: number) {
    this.#address = address;
    this.#time = time;
    const connector = buildConnector({
      timeout: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
      allowH2: address.origin.startsWith("https:"),
      ...(address.socketPath === undefined ? {} : { socketPath: address.socketPath }),
      ...tlsFor(address),
    });
    this.#pool = new Pool(address.origin, {
      connections: maxSockets,
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: IDLE_MS,
      keepAliveMaxTimeout: IDLE_MS,
      connect: (options, done) => {
        // undici's connector returns the socket that it is connecting; its types keep that to themselves.
        const socket = connector(options, done) as unknown as Socket;
        this.#sockets.add(socket);
        socket.once("close", () => this.#sockets.delete(socket));
      },
    });
  }

  /** Connections that are open or being opened. */
  get sockets(): number {
    return this.#sockets.size;
  }

  /** @throws NoAnswer when none came in time, whole and within 64 MiB; the signal's reason when it aborts */
  async request(request: AgentRequest): Promise<AgentResponse> {
    request.signal.throwIfAborted();
    const over = new AbortController();
    const { promise: cancelled, reject: cancel } = Promise.withResolvers<never>();
    cancelled.catch(() => {}); // it may settle after the answer, when nobody waits for it any more
    const end = (reason: unknown): void => {
      cancel(reason);
      over.abort(reason);
    };
    const onAbort = (): void => end(request.signal.reason);
    request.signal.addEventListener("abort", onAbort, { once: true });
    const clear = this.#time.after(request.deadlineMs, () => {
      end(new NoAnswer(`no answer within ${Math.round(request.deadlineMs)} ms`, false));
    });
    const exchange = this.#exchange(request, over.signal, end);
    exchange.catch(() => {}); // as above
    try {
      return await Promise.race([exchange, cancelled]);
    } finally {
      clear();
      request.signal.removeEventListener("abort", onAbort);
    }
  }

  /** Closes every connection at once, also those being opened. */
  async close(): Promise<void> {
    const closed = [...this.#sockets].map((socket) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      socket.once("close", resolve);
      return promise;
    });
    const destroyed = this.#pool.destroy();
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all([destroyed, ...closed]);
  }

  /** @param end ends it, for this reason */
  async #exchange(request: AgentRequest, signal: AbortSignal, end: (reason: NoAnswer) => void): Promise<AgentResponse> {
    const { token, body } = request;
    const { authorization, prefix } = this.#address;
    let began = false;
    try {
      const response = await this.#pool.request({
        method: request.method,
        path: prefix + request.path,
        headers: {
          accept: "application/json",
          "accept-encoding": "gzip",
          ...(token === "" ? {} : { "x-consul-token": token }),
          ...(authorization === undefined ? {} : { authorization }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body }),
        signal,
      });
      began = true;
      const { headers, statusCode } = response;
      const header = (name: string): string | undefined => {
        const value = headers[name];
        return Array.isArray(value) ? value.at(-1) : value;
      };
      const raw = await this.#collect(response.body, end);
      return { status: statusCode, header, raw, text: () => decode(raw, header("content-encoding")) };
    } catch (error) {
      if (signal.aborted || error instanceof NoAnswer) throw error;
      throw new NoAnswer(words(error), !began && wasCut(error), error);
    }
  }

  async #collect(body: AsyncIterable<Buffer>, end: (reason: NoAnswer) => void): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const stopWatching = watchBody(
      this.#time,
      () => bytes,
      (problem) => end(new NoAnswer(problem, false)),
    );
    try {
      for await (const chunk of body) {
        bytes += chunk.length;
        // Leaving the loop destroys the body, and with it the connection.
        if (bytes > MAX_BYTES) throw new NoAnswer(`an answer of more than ${MAX_BYTES} bytes`, false);
        chunks.push(chunk);
      }
    } finally {
      stopWatching();
    }
    return Buffer.concat(chunks);
  }
}

async function decode(raw: Buffer, encoding: string | undefined): Promise<string> {
  const plain = encoding === "gzip" ? await unzip(raw, { maxOutputLength: MAX_BYTES }) : raw;
  return plain.toString("utf8");
}

/** Whether the peer ended a connection that stood: undici's word for FIN, and the kernel's for RST. */
function wasCut(error: unknown): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  return error.code === "UND_ERR_SOCKET" || (error.code === "ECONNRESET" && !error.message.startsWith("connect "));
}

function tlsFor({ tls }: AgentAddress): Record<string, unknown> {
  if (tls === undefined) return {};
  const { ca, ...rest } = tls;
  if (ca === undefined) return rest;
  return { ...rest, ca: Array.isArray(ca) ? [...ca] : ca };
}
