import type { TlsOptions } from "node:tls";
import {
  type CallerExchange,
  HTTP2_LIMITS,
  type Http2Limits,
  HttpServer,
  type RefusedBytes,
  SERVER_LIMITS,
  type ServerLimits,
} from "@weft/http";
import { type FakeTime, fakeTime } from "@weft/testkit";
import { onTestFinished } from "vitest";
import { changes } from "../http/changes.ts";
import { answer } from "./handler.ts";

/** A server under test. */
export interface Serving {
  readonly address: string;
  /** Targets of the requests that came through, in their order. */
  readonly requests: readonly string[];
  /** Targets of those whose caller left before the end. */
  readonly left: readonly string[];
  /** Resolves once the condition holds: looked at whenever something above has changed. */
  until(holds: () => boolean): Promise<void>;
}

/** One of weft's, and all that it told. */
export interface WeftServing extends Serving {
  readonly server: HttpServer;
  readonly time: FakeTime;
  /** In their order; a test that looks at memory empties it. */
  readonly exchanges: CallerExchange[];
  readonly refused: readonly RefusedBytes[];
  /** Moves the virtual clock on, and lets the sweep look once a second. */
  advance(ms: number): Promise<void>;
}

export interface ServingOptions {
  readonly limits?: Partial<ServerLimits>;
  readonly http2?: Partial<Http2Limits>;
  readonly tls?: TlsOptions;
  /** Default: `answer`, by the path. */
  readonly handle?: (exchange: CallerExchange) => void;
}

/** Listens on loopback as long as the test lasts. */
export async function serving(options: ServingOptions = {}): Promise<WeftServing> {
  const time = fakeTime();
  const changed = changes();
  const exchanges: CallerExchange[] = [];
  const requests: string[] = [];
  const left: string[] = [];
  const refused: RefusedBytes[] = [];
  const handle = options.handle ?? answer;
  const server = new HttpServer({
    time,
    limits: { ...SERVER_LIMITS, ...options.limits },
    http2Limits: { ...HTTP2_LIMITS, ...options.http2 },
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    handle(exchange) {
      exchange.hooks = {
        left: ({ head }) => {
          left.push(head.target);
          changed.tell();
        },
        answered: changed.tell,
      };
      exchanges.push(exchange);
      requests.push(exchange.head.target);
      handle(exchange);
      changed.tell();
    },
    onRefused(one) {
      refused.push(one);
      changed.tell();
    },
    onConnection: () => queueMicrotask(changed.tell),
  });
  const address = await server.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(async () => {
    const closed = server.close(0);
    await time.advance(0);
    await closed;
  });
  return {
    address,
    requests,
    left,
    until: changed.until,
    server,
    time,
    exchanges,
    refused,
    async advance(ms) {
      for (let rest = ms; rest > 0; rest -= 1_000) await time.advance(Math.min(rest, 1_000));
    },
  };
}
