import {
  type Call,
  callFlags,
  type CallTrace,
  type Decision,
  isGivenUp,
  type TracedAttempt,
  type TracedCall,
  type TracedRequest,
} from "@weft/core";
import { errorName } from "@weft/runtime";
import type { TracePorts } from "./trace-ports.ts";

/** An exchange of the SDK, as far as its trace wants to know it. */
export interface TraceSource {
  readonly call: Call;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** Whether endpoints are spoken to over TLS. */
  readonly secure: boolean;
  /** Of the request as the caller made it. @param name in lower case */
  header(name: string): string | undefined;
}

/** How an exchange ended. */
export interface TraceEnd {
  readonly endedMs: number;
  /** 0: no head came. */
  readonly status: number;
  /** Undefined: it was answered, body and all. */
  readonly error: unknown;
  readonly attempts: TracedAttempt | undefined;
}

const RUNNING: TraceEnd = { endedMs: 0, status: 0, error: undefined, attempts: undefined };

/** An exchange as those see it that trace calls: its request, and in the end what became of it. */
export class TracedExchange implements TracedRequest, TracedCall {
  readonly #source: TraceSource;
  readonly #ports: TracePorts;
  readonly #trace: CallTrace;
  #end: TraceEnd = RUNNING;

  /** The call begins. */
  constructor(source: TraceSource, ports: TracePorts) {
    this.#source = source;
    this.#ports = ports;
    this.#trace = ports.tracing.begin(source.call, this);
  }

  get traceId(): string {
    return this.#trace.traceId;
  }

  /** The headers to send with an attempt in the place of those that came: name and value by turns; "" takes one away. */
  headers(attempt: number): readonly string[] {
    const { traceparent, others } = this.#trace.fields(attempt);
    return traceparent === "" ? others : ["traceparent", traceparent, ...others];
  }

  /** Sends an attempt where the app's instrumentations leave it alone. */
  within(send: () => void): void {
    const { tracing } = this.#ports;
    if (tracing.within === undefined) send();
    else tracing.within(send);
  }

  /** It is over. */
  ended(end: TraceEnd): void {
    this.#end = end;
    this.#trace.ended(this);
  }

  // The request.

  get request(): TracedRequest {
    return this;
  }

  get side(): "app" {
    return "app";
  }

  get service(): string {
    return this.call.service;
  }

  get protocol(): "http" {
    return "http";
  }

  get method(): string {
    return this.#source.method;
  }

  get path(): string {
    return this.#source.path;
  }

  get secure(): boolean {
    return this.#source.secure;
  }

  get version(): string {
    return "";
  }

  get peer(): string {
    return "";
  }

  header(name: string): string | undefined {
    return this.#source.header(name);
  }

  // What became of it.

  get call(): Call {
    return this.#source.call;
  }

  get endedMs(): number {
    return this.#end.endedMs;
  }

  get status(): number {
    return this.#end.status;
  }

  get grpcStatus(): number {
    return -1;
  }

  get error(): unknown {
    return this.#end.error;
  }

  get attempts(): TracedAttempt | undefined {
    return this.#end.attempts;
  }

  get balancer(): string {
    return this.#ports.balancer();
  }

  get breaker(): TracedCall["breaker"] {
    return this.#ports.breaker();
  }

  flags(decisions: readonly Decision[]): readonly string[] {
    const { error } = this.#end;
    const name = error === undefined ? undefined : errorName(error);
    return callFlags({ givenUp: isGivenUp(this), error: name }, decisions);
  }

  decisions(): readonly Decision[] {
    return this.#ports.decisions(this.call);
  }
}
