import { ConcurrencyLimit, type Endpoint, TimeoutQueues } from "@weft/core";
import {
  type BodySink,
  type BodySource,
  type DialTls,
  type EndpointExchange,
  type ExchangeFailure,
  type Fields,
  NO_FIELDS,
  type ResponseHead,
  type ResponseReceiver,
  ServicePools,
  type WholeBody,
} from "@weft/http";
import { type FakeTime, fakeTime } from "@weft/testkit";
import { onTestFinished } from "vitest";
import { DEFAULT_HEAD_LIMITS, parseRequestHead } from "../http/ours.ts";

/** A body that the test hands out itself. */
export class HandedOut implements BodySource {
  readonly length = -1;
  readonly chunked = false;
  readonly room = 0;
  cancelled = false;
  #sink: BodySink | undefined = undefined;

  attach(sink: BodySink): void {
    this.#sink = sink;
  }

  resume(): void {}

  cancel(): void {
    this.cancelled = true;
  }

  /** @returns whether the sink takes more */
  give(text: string): boolean {
    return this.#sink?.write(Buffer.from(text, "latin1")) ?? true;
  }

  end(trailers: Fields = NO_FIELDS): void {
    this.#sink?.end(trailers);
  }
}

/** One exchange, and all that its receiver and the sink of its body were told. */
export class Heard implements ResponseReceiver, BodySink {
  exchange: EndpointExchange | undefined = undefined;
  readonly informedOf: number[] = [];
  head: ResponseHead | undefined = undefined;
  body = "";
  trailers: Fields | undefined = undefined;
  failure: ExchangeFailure | undefined = undefined;
  ends = 0;
  readonly takesChunks = false;
  readonly keeps = false;
  /** False: each write is held until the test resumes the body. */
  takes = true;
  /** False: the body is left where it is. */
  reads = true;
  readonly #answered = Promise.withResolvers<void>();
  readonly #over = Promise.withResolvers<void>();

  async answeredOrOver(): Promise<this> {
    await Promise.race([this.#answered.promise, this.#over.promise]);
    return this;
  }

  async over(): Promise<this> {
    await this.#over.promise;
    return this;
  }

  informed(head: ResponseHead): void {
    this.informedOf.push(head.status);
  }

  answered(exchange: EndpointExchange): void {
    this.head = exchange.head;
    if (exchange.text !== undefined) this.body = exchange.text;
    else if (this.reads) exchange.body?.attach(this);
    this.#answered.resolve();
  }

  ended(_exchange: EndpointExchange, failure: ExchangeFailure | undefined): void {
    this.failure = failure;
    this.ends++;
    // The body hears of its end right after this.
    queueMicrotask(this.#over.resolve);
  }

  write(bytes: Buffer): boolean {
    this.body += bytes.toString("latin1");
    return this.takes;
  }

  end(trailers: Fields): void {
    this.trailers = trailers;
  }

  fail(): void {}
}

interface CallOptions {
  readonly method?: string;
  readonly path?: string;
  /** Fields as HTTP/1.1 writes them, each with its line end. */
  readonly lines?: string;
  /** In the place of a request line of HTTP/1.1 and `Host: a`. */
  readonly startAndHost?: string;
  readonly body?: WholeBody | BodySource;
  /** Asks for what Upgrade names. Default false. */
  readonly upgrades?: boolean;
  /** Changes what hears of the answer, before the request is sent. */
  readonly prepare?: (heard: Heard) => void;
}

/** weft's client side, which ends with the test. */
export interface Calling {
  readonly pools: ServicePools;
  readonly time: FakeTime;
  /** Sends a request over HTTP/2, by default GET /. */
  call(endpoint: Endpoint, options?: CallOptions): Heard;
}

export interface CallingOptions {
  /** How long an endpoint may be silent before it is asked by PING. Default: for ever. */
  readonly keepAliveMs?: number;
  /** Calls endpoints under TLS, in what they choose by ALPN. Default: plain, in HTTP/2. */
  readonly tls?: DialTls;
  /** Connections to all endpoints. Default 100. */
  readonly connections?: number;
}

export function calling(options: CallingOptions = {}): Calling {
  const { keepAliveMs = Number.POSITIVE_INFINITY, tls, connections = 100 } = options;
  const time = fakeTime();
  const timeouts = new TimeoutQueues(time);
  const pools = new ServicePools({
    time,
    limit: new ConcurrencyLimit("limits.connections", connections),
    maxPending: () => 100,
    target: ({ host, port }) => (tls === undefined ? { host, port } : { host, port, tls }),
    protocol: () => (tls === undefined ? "http2" : "alpn"),
    dial: () => ({ clock: time, timeouts, connectMs: 1_000 }),
    headLimits: { maxHeadBytes: 16_384, maxFields: 100, underscores: "keep" },
    idleMs: 60_000,
    keepAliveMs: () => keepAliveMs,
  });
  onTestFinished(() => pools.destroy());
  return {
    pools,
    time,
    call(to, { method = "GET", path = "/", lines = "", startAndHost, body, upgrades = false, prepare } = {}) {
      const heard = new Heard();
      prepare?.(heard);
      const start = startAndHost ?? `${method} ${path} HTTP/1.1\r\nHost: a\r\n`;
      const text = Buffer.from(`${start}${lines}\r\n`, "latin1");
      const head = parseRequestHead(text, 0, text.length, DEFAULT_HEAD_LIMITS);
      if (head?.kind !== "request") throw new Error("the test's own request is none");
      const request = { head, traceparent: "", deadline: "", grpcTimeout: "", via: "", upgrades, body };
      heard.exchange = pools.send(to, request, heard);
      return heard;
    },
  };
}
