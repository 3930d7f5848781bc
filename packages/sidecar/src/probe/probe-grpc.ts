import { type Endpoint, grpcStatusName, type ProbeResult } from "@weft/core";
import {
  type BodySink,
  type EndpointExchange,
  type ExchangeFailure,
  isGrpcType,
  NOWHERE,
  ownRequest,
  type ResponseReceiver,
  type ServicePools,
} from "@weft/http";
import { grpcStatusBehind } from "../grpc/grpc-answer.ts";
import { GRPC_STATUS } from "../grpc/grpc-status.ts";
import { healthRequest, servingStatus } from "./health-message.ts";
import { CHECK_LINES, failedCheck, PASSED, untilAborted } from "./probing.ts";

const CHECK = "/grpc.health.v1.Health/Check";
const LINES = `Content-Type: application/grpc\r\n${CHECK_LINES}`;
/** The answer is two bytes and their prefix, and what later versions may add. */
const MOST_BYTES = 1_024;

/**
 * Asks an endpoint's health service, over the connections that its calls use: SERVING passes.
 *
 * @param asked   the service of gRPC that is asked about; "": the server as a whole
 * @param service the name of the mesh's service: what :authority says
 * @param signal  aborts when the check took too long, or is no longer wanted
 * Source: gRPC, "Health Checking Protocol".
 */
export function probeGrpc(
  pools: ServicePools,
  endpoint: Endpoint,
  asked: string,
  service: string,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const probe = new GrpcProbe(asked);
  const body = healthRequest(asked);
  const request = ownRequest({ method: "POST", target: CHECK, authority: service, lines: LINES, grpc: true, body });
  const exchange = pools.send(endpoint, request, probe);
  return untilAborted(probe.done, signal, () => exchange.cut(signal.reason));
}

/** Waits for the message, and for the status behind it: both must be there. */
class GrpcProbe implements ResponseReceiver, BodySink {
  readonly done: PromiseWithResolvers<ProbeResult> = Promise.withResolvers();
  readonly takesChunks = false;
  readonly keeps = false;
  readonly #asked: string;
  #exchange: EndpointExchange | undefined = undefined;
  #body: Buffer = Buffer.alloc(0);

  constructor(asked: string) {
    this.#asked = asked;
  }

  informed(): void {}

  answered(exchange: EndpointExchange): void {
    this.#exchange = exchange;
    const { head, text, body } = exchange;
    const type = head?.get("content-type") ?? "";
    if (head === undefined || head.status !== 200)
      this.#fail(`status ${head?.status ?? 0}, which is no answer of gRPC`);
    else if (!isGrpcType(type)) this.#fail("no answer of gRPC, by its content-type");
    else if (head.grpcStatus > 0) this.#fail(this.#refusal(head.grpcStatus));
    else if (text !== undefined) this.#body = Buffer.from(text, "latin1");
    else return body?.attach(this);
    body?.attach(NOWHERE);
  }

  write(bytes: Buffer): boolean {
    if (this.#body.length + bytes.length <= MOST_BYTES) {
      this.#body = Buffer.concat([this.#body, bytes]);
      return true;
    }
    this.#fail("the answer of its health service is malformed: too long");
    this.#exchange?.cut(new Error("too long for an answer of a health service"));
    return false;
  }

  end(): void {} // `ended` tells, and was called before

  fail(): void {}

  ended({ head, trailers }: EndpointExchange, failure: ExchangeFailure | undefined): void {
    if (failure !== undefined) return this.#fail(failure.problem);
    const behind = grpcStatusBehind(trailers);
    const status = behind < 0 ? (head?.grpcStatus ?? -1) : behind;
    if (status < 0) return this.#fail("the answer of its health service has no grpc-status");
    if (status > 0) return this.#fail(this.#refusal(status));
    const serving = servingStatus(this.#body);
    if (serving === "SERVING") this.done.resolve(PASSED);
    else if (serving === undefined) this.#fail("the answer of its health service is malformed");
    else this.#fail(`its health service says ${serving}`);
  }

  /** What a status other than OK means here. */
  #refusal(status: number): string {
    if (status === GRPC_STATUS.unimplemented)
      return "UNIMPLEMENTED: it has no grpc.health.v1.Health, so add that service, or check by http or tcp";
    if (status === GRPC_STATUS.notFound) return `NOT_FOUND: its health service knows no ${JSON.stringify(this.#asked)}`;
    return `grpc-status ${grpcStatusName(status)}`;
  }

  /** The first word counts: what comes after is about an answer that is read away. */
  #fail(why: string): void {
    this.done.resolve(failedCheck(why));
  }
}
