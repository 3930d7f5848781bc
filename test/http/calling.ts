import { ConcurrencyLimit, type Endpoint, TimeoutQueues } from "@weft/core";
import {
  type BodySink,
  type BodySource,
  type DialTarget,
  type EndpointExchange,
  type ExchangeFailure,
  type Fields,
  ownRequest,
  type ResponseHead,
  type ResponseReceiver,
  ServicePools,
} from "@weft/http";
import { type FakeTime, fakeTime } from "@weft/testkit";
import { onTestFinished } from "vitest";

/** One exchange, and all that its receiver and the sink of its body were told. */
export class Heard implements ResponseReceiver, BodySink {
  exchange: EndpointExchange | undefined = undefined;
  readonly informedOf: number[] = [];
  heads: ResponseHead[] = [];
  /** A character for each byte. */
  body = "";
  trailers: string | undefined = undefined;
  /** What the sink of the body was told of its breaking off. */
  broke: unknown = undefined;
  failure: ExchangeFailure | undefined = undefined;
  ends = 0;
  takesChunks = false;
  readonly keeps = true;
  /** Called in the tick of `answered`. Default: reads the body. */
  onAnswered: (exchange: EndpointExchange) => void = (exchange) => this.read(exchange);
  onInformed: (head: ResponseHead) => void = () => {};
  /** False: each write is held until the test resumes the body. */
  takes = true;
  readonly #answered = Promise.withResolvers<void>();
  readonly #over = Promise.withResolvers<void>();

  /** Resolves once the head is here, or the exchange has ended without. */
  get answeredOrOver(): Promise<unknown> {
    return Promise.race([this.#answered.promise, this.#over.promise]);
  }

  /** Resolves once the exchange has ended, and its body has been read or has broken off. */
  async over(): Promise<this> {
    await this.#over.promise;
    return this;
  }

  read(exchange: EndpointExchange): void {
    if (exchange.text !== undefined) this.body = exchange.text;
    else exchange.body?.attach(this);
  }

  informed(head: ResponseHead): void {
    this.informedOf.push(head.status);
    this.onInformed(head);
  }

  answered(exchange: EndpointExchange): void {
    if (exchange.head !== undefined) this.heads.push(exchange.head);
    this.onAnswered(exchange);
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
    this.trailers = trailers.lines;
  }

  fail(reason: unknown): void {
    this.broke = reason;
  }
}

export interface Calling {
  readonly pools: ServicePools;
  readonly time: FakeTime;
  readonly limit: ConcurrencyLimit;
  /** Sends a request, by default GET /. */
  call(endpoint: Endpoint, request?: Partial<CallOptions>): Heard;
}

interface CallOptions {
  readonly method: string;
  readonly path: string;
  readonly lines: string;
  readonly body: Buffer | BodySource;
  /** What to ask for instead of HTTP. */
  readonly upgrade: string;
  /** Sees the receiver before the request is sent. */
  readonly prepare: (heard: Heard) => void;
}

export interface CallingOptions {
  readonly connections?: number;
  readonly pending?: number;
  readonly idleMs?: number;
  readonly connectMs?: number;
  readonly maxHeadBytes?: number;
  readonly target?: (endpoint: Endpoint) => DialTarget;
}

/** The client side under test, which ends with the test. */
export function calling(options: CallingOptions = {}): Calling {
  const { connections = 100, pending = 100, idleMs = 4_000, connectMs = 1_000, maxHeadBytes = 16_384 } = options;
  const time = fakeTime();
  const timeouts = new TimeoutQueues(time);
  const limit = new ConcurrencyLimit("limits.connections", connections);
  const pools = new ServicePools({
    time,
    limit,
    maxPending: () => pending,
    target: options.target ?? (({ host, port }) => ({ host, port })),
    dial: () => ({ clock: time, timeouts, connectMs }),
    headLimits: { maxHeadBytes, maxFields: 100, underscores: "keep" },
    idleMs,
  });
  onTestFinished(() => pools.destroy());
  return {
    pools,
    time,
    limit,
    call(endpoint, { method = "GET", path = "/", lines = "", upgrade = "", body, prepare } = {}) {
      const heard = new Heard();
      prepare?.(heard);
      const request = ownRequest({ method, target: path, authority: "a", lines, upgrade, body });
      heard.exchange = pools.send(endpoint, request, heard);
      return heard;
    },
  };
}
