import type { ClientRequest } from "node:http";
import { type Call, IGNORED, type Lease, type Outcome, type TracedAttempt } from "@weft/core";
import type { TracePorts } from "./trace-ports.ts";
import { TracedExchange } from "./traced-exchange.ts";
import { rewriteHead, writtenField, writtenHead } from "../agent/written-head.ts";

/** What is known of one attempt of node:http: to get a connection, and of the last one all that came of it. */
interface HttpAttempt extends TracedAttempt {
  outcome: Outcome;
  status: number;
  answeredMs: number;
  endedMs: number;
  error: unknown;
  next: HttpAttempt | undefined;
}

/** A call of node:http as its trace sees it: sets the headers of the request, and notes what becomes of its attempts. */
export class TracedHttp {
  readonly #request: ClientRequest;
  readonly #exchange: TracedExchange;
  #first: HttpAttempt | undefined = undefined;
  #last: HttpAttempt | undefined = undefined;

  /** The call begins. */
  constructor(request: ClientRequest, call: Call, ports: TracePorts) {
    const { method, path } = request;
    const head = writtenHead(request);
    const header = (name: string): string | undefined => {
      if (head !== undefined) return writtenField(head, name);
      const value = request.getHeader(name);
      return value === undefined ? undefined : Array.isArray(value) ? value.join(", ") : String(value);
    };
    this.#request = request;
    this.#exchange = new TracedExchange({ call, method, path, secure: false, header }, ports);
  }

  get traceId(): string {
    return this.#exchange.traceId;
  }

  /**
   * An attempt begins: the request is given its headers, unless they have been sent. For the first that is within
   * `http.request()`: what the app sets behind it stands in their place.
   */
  begins(lease: Lease): void {
    const attempt: HttpAttempt = {
      lease,
      outcome: IGNORED,
      status: 0,
      grpcStatus: -1,
      answeredMs: 0,
      endedMs: 0,
      error: undefined,
      next: undefined,
    };
    if (this.#last === undefined) this.#first = attempt;
    else this.#last.next = attempt;
    this.#last = attempt;
    const headers = this.#exchange.headers(lease.attempt);
    const head = writtenHead(this.#request);
    if (head !== undefined) return rewriteHead(this.#request, head, headers);
    for (let i = 0; i < headers.length; i += 2) {
      if (headers[i + 1] === "") this.#request.removeHeader(headers[i]!);
      else this.#request.setHeader(headers[i]!, headers[i + 1]!);
    }
  }

  /** The attempt has its answer's head. */
  answered(outcome: Outcome, status: number, nowMs: number): void {
    if (this.#last === undefined) return;
    this.#last.outcome = outcome;
    this.#last.status = status;
    this.#last.answeredMs = nowMs;
  }

  /** The attempt has ended. @param error undefined: well */
  attemptEnded(outcome: Outcome, error: unknown, nowMs: number): void {
    if (this.#last === undefined || this.#last.endedMs > 0) return;
    // What its head showed counts, unless worse came behind it.
    if (this.#last.answeredMs === 0 || error !== undefined) this.#last.outcome = outcome;
    this.#last.error = error;
    this.#last.endedMs = nowMs;
  }

  /** The call has ended. */
  ended(error: unknown, nowMs: number): void {
    const status = this.#last?.status ?? 0;
    this.#exchange.ended({ endedMs: nowMs, status, error, attempts: this.#first });
  }
}
