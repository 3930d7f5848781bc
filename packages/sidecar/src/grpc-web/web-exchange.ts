import {
  type BodySource,
  bytesOf,
  type CallerExchange,
  type ExchangeHooks,
  type Fields,
  NO_FIELDS,
  type RequestHead,
  type WholeBody,
} from "@weft/http";
import { grpcStatusOfProblem, grpcTrailers } from "../grpc/grpc-problem.ts";
import { problem } from "../hop/problem.ts";
import { answerGrpcProblem } from "../hop/problem-answer.ts";
import { Base64Decoder } from "./base64-decoder.ts";
import { grpcHead } from "./grpc-head.ts";
import { WebAnswerBody } from "./web-answer-body.ts";
import { WebRequestBody } from "./web-request-body.ts";
import { splitHead, trailersWithStatus } from "./web-trailers.ts";
import { trailerFrame } from "./trailer-frame.ts";
import { wantsText, type WebType, webType } from "./web-type.ts";

const NO_BASE64 = "the body is no base64";
const REFUSAL = problem(400, "BAD_REQUEST", NO_BASE64);
/** INTERNAL, which is what servers of gRPC say to a message that they cannot read. */
const REFUSED = grpcStatusOfProblem(REFUSAL);
const CUT_SHORT = "the answer ended inside a message";
const NOBODY: ExchangeHooks = { left: () => {}, answered: () => {} };

/**
 * A request of gRPC-Web as one of gRPC, and the answer to it as gRPC-Web. Whoever answers deals with gRPC alone: the
 * head says so, messages pass as they are, and trailers become the last frame of the body. An answer that is not
 * gRPC's passes unchanged: a client of gRPC-Web knows what to make of an HTTP status.
 *
 * Source: gRPC PROTOCOL-WEB.
 */
export class WebExchange implements CallerExchange, ExchangeHooks {
  readonly head: RequestHead;
  readonly whole: WholeBody | undefined;
  readonly body: BodySource | undefined;
  hooks: ExchangeHooks = NOBODY;
  /** Why it is to be refused, in words: the body came with the head, and is no base64. Then it has no body. */
  readonly problem: string | undefined;

  readonly #inner: CallerExchange;
  /** The answer is wanted as text. */
  readonly #text: boolean;
  #answer: WebAnswerBody | undefined = undefined;
  /** Nothing more is told of it. */
  #left = false;

  /** @param type what `webCallType` says of its head */
  constructor(inner: CallerExchange, type: WebType) {
    const { head, whole, body } = inner;
    this.#inner = inner;
    this.#text = wantsText(head.get("accept") ?? "", type);
    this.head = grpcHead(head, type);
    const decoded = type.text && whole !== undefined ? decodeWhole(bytesOf(whole)) : whole;
    this.whole = decoded;
    this.problem = whole !== undefined && decoded === undefined ? NO_BASE64 : undefined;
    this.body = type.text && body !== undefined ? new WebRequestBody(body, () => this.#broke()) : body;
    inner.hooks = this;
  }

  get bytesIn(): number {
    return this.#inner.bytesIn;
  }

  get bytesOut(): number {
    return this.#inner.bytesOut;
  }

  get status(): number {
    return this.#inner.status;
  }

  get open(): boolean {
    return this.#inner.open;
  }

  get over(): boolean {
    return this.#inner.over;
  }

  get cameMs(): number {
    return this.#inner.cameMs;
  }

  get peer(): string {
    return this.#inner.peer;
  }

  get takesChunks(): boolean {
    return false;
  }

  get keeps(): boolean {
    return (this.#answer ?? this.#inner).keeps;
  }

  closeAfter(): void {
    this.#inner.closeAfter();
  }

  inform(status: number, reason: string, fields: Fields): void {
    this.#inner.inform(status, reason, fields);
  }

  continue(): void {
    this.#inner.continue();
  }

  respond(status: number, reason: string, fields: Fields, text: string, length: number): void {
    const type = webType(fields.get("content-type") ?? "", this.#text);
    if (type === undefined) return this.#inner.respond(status, reason, fields, text, length);
    const { head, trailers } = splitHead(fields, type);
    const frame = trailerFrame(trailersWithStatus(NO_FIELDS, trailers));
    const whole = Buffer.concat([Buffer.from(text, "latin1"), frame]).toString(this.#text ? "base64" : "latin1");
    this.#inner.respond(status, reason, head, whole, whole.length);
  }

  stream(status: number, reason: string, fields: Fields, source: BodySource): void {
    const type = webType(fields.get("content-type") ?? "", this.#text);
    if (type === undefined) return this.#inner.stream(status, reason, fields, source);
    const { head, trailers } = splitHead(fields, type);
    this.#answer = new WebAnswerBody(source, this.#text, trailers, () => this.#cutShort());
    this.#inner.stream(status, reason, head, this.#answer);
  }

  upgrade(status: number, reason: string, fields: Fields): ReturnType<CallerExchange["upgrade"]> {
    return this.#inner.upgrade(status, reason, fields);
  }

  cut(reason?: "cancel"): void {
    this.#inner.cut(reason);
  }

  // The answer's body, as a sink: what is not said by its source.

  write(bytes: Buffer): boolean {
    return (this.#answer ?? this.#inner).write(bytes);
  }

  end(trailers: Fields): void {
    (this.#answer ?? this.#inner).end(trailers);
  }

  fail(reason: unknown): void {
    (this.#answer ?? this.#inner).fail(reason);
  }

  // What the caller's exchange tells.

  left(_inner: CallerExchange, why: string): void {
    this.#leave(why);
  }

  answered(): void {
    if (!this.#left) this.hooks.answered(this);
  }

  /** The body turned out to be no base64 while it was being sent on. */
  #broke(): void {
    if (this.#left || this.over) return;
    this.#left = true; // of the answer that follows nobody need hear
    if (this.open) {
      this.#inner.closeAfter();
      answerGrpcProblem(this, REFUSAL, REFUSED);
    } else if (this.#answer !== undefined) this.#answer.end(grpcTrailers(REFUSAL, REFUSED));
    else this.#inner.cut();
    this.hooks.left(this, NO_BASE64);
  }

  /** Trailers would be read as part of the message. */
  #cutShort(): void {
    this.#inner.cut();
    this.#leave(CUT_SHORT);
  }

  #leave(why: string): void {
    if (this.#left) return;
    this.#left = true;
    this.hooks.left(this, why);
  }
}

function decodeWhole(text: Buffer): Buffer | undefined {
  const decoder = new Base64Decoder();
  const bytes = decoder.decode(text);
  return decoder.complete ? bytes : undefined;
}
