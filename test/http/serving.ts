import type { Socket } from "node:net";
import type { TlsOptions } from "node:tls";
import {
  type BodySink,
  type BodySource,
  bytesOf,
  type CallerExchange,
  HttpServer,
  NO_FIELDS,
  type RefusedBytes,
  SERVER_LIMITS,
  type ServerLimits,
} from "@weft/http";
import { type FakeTime, fakeTime } from "@weft/testkit";
import { onTestFinished } from "vitest";
import { changes } from "./changes.ts";
import { type RawCaller, rawCaller, type RawCallerOptions } from "./raw-caller.ts";

/** A listener under test, and all that it told. */
export interface Serving {
  readonly server: HttpServer;
  readonly time: FakeTime;
  readonly address: string;
  /** Exchanges, in the order in which they came. */
  readonly exchanges: CallerExchange[];
  readonly refused: RefusedBytes[];
  /** Its ends of the connections, in the order in which they came. */
  readonly sockets: Socket[];
  /** "answered /path" and "left /path: why", as the hooks were called. */
  readonly told: string[];
  call(options?: RawCallerOptions): RawCaller;
  /** Resolves once the condition holds: looked at after each exchange, hook, refusal and change of a connection. */
  until(holds: () => boolean): Promise<void>;
  /** Moves the virtual clock on, and lets the sweep look once a second. */
  advance(ms: number): Promise<void>;
}

export interface ServingOptions {
  readonly limits?: Partial<ServerLimits>;
  readonly tls?: TlsOptions;
}

/** Listens on loopback as long as the test lasts. @param handle answers, now or later; hooks that it sets are its own */
export async function serving(
  handle: (exchange: CallerExchange) => void,
  options: ServingOptions = {},
): Promise<Serving> {
  const time = fakeTime();
  const changed = changes();
  const exchanges: CallerExchange[] = [];
  const refused: RefusedBytes[] = [];
  const sockets: Socket[] = [];
  const told: string[] = [];
  const server = new HttpServer({
    time,
    limits: { ...SERVER_LIMITS, ...options.limits },
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    handle(exchange) {
      exchange.hooks = {
        left: ({ head }, why) => {
          told.push(`left ${head.target}: ${why}`);
          changed.tell();
        },
        answered: ({ head }) => {
          told.push(`answered ${head.target}`);
          changed.tell();
        },
      };
      exchanges.push(exchange);
      handle(exchange);
      changed.tell();
    },
    onRefused(one) {
      refused.push(one);
      changed.tell();
    },
    onConnection(what, socket) {
      if (what === "opened") sockets.push(socket);
      queueMicrotask(changed.tell);
    },
  });
  const address = await server.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(async () => {
    const closed = server.close(0);
    await time.advance(0);
    await closed;
  });
  return {
    server,
    time,
    address,
    exchanges,
    refused,
    sockets,
    told,
    call: (callerOptions) => rawCaller(address, callerOptions),
    until: changed.until,
    async advance(ms) {
      for (let left = ms; left > 0; left -= 1_000) await time.advance(Math.min(left, 1_000));
    },
  };
}

/** Answers 200 with a text, a character for each byte. */
export function say(exchange: CallerExchange, text: string): void {
  exchange.respond(200, "OK", NO_FIELDS, exchange.head.method === "HEAD" ? "" : text, text.length);
}

/** Reads a request's body to its end. */
export function bodyOf(exchange: CallerExchange): Promise<{ text: string; trailers: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ text: string; trailers: string }>();
  let text = exchange.whole === undefined ? "" : bytesOf(exchange.whole).toString("latin1");
  if (exchange.body === undefined) resolve({ text, trailers: "" });
  exchange.body?.attach({
    takesChunks: false,
    keeps: true,
    write(bytes) {
      text += bytes.toString("latin1");
      return true;
    },
    end: ({ lines }) => resolve({ text, trailers: lines }),
    fail: reject,
  });
  return promise;
}

/** A body that the test hands out itself. */
export class Source implements BodySource {
  readonly length: number;
  readonly chunked = false;
  readonly room = 0;
  sink: BodySink | undefined = undefined;
  resumed = 0;
  cancelled = 0;

  constructor(length: number) {
    this.length = length;
  }

  attach(sink: BodySink): void {
    this.sink = sink;
  }

  resume(): void {
    this.resumed++;
  }

  cancel(): void {
    this.cancelled++;
  }

  give(text: string): boolean {
    return this.sink?.write(Buffer.from(text, "latin1")) ?? true;
  }
}
