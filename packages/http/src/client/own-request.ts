import type { OutgoingRequest } from "../exchange/outgoing-request.ts";
import { emptyRequestParts, RequestHead } from "../head/request-head.ts";
import type { BodySource } from "../wire/body.ts";
import type { WholeBody } from "../wire/whole-body.ts";

/** A request that no caller sent. */
export interface OwnRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly authority: string;
  /** Further fields, each with its line end. Default none. */
  readonly lines?: string;
  /** A protocol to ask for instead. Default none. */
  readonly upgrade?: string;
  readonly body?: WholeBody | BodySource | undefined;
  /** It is a call of gRPC, whose content-type is among `lines`. Default false. */
  readonly grpc?: boolean;
}

/**
 * A request of ours to an endpoint, as a health check sends it. One of gRPC stands as if it had come over HTTP/2: what
 * is spoken to an endpoint may go by that.
 */
export function ownRequest(request: OwnRequest): OutgoingRequest {
  const { method, target, authority, lines = "", upgrade = "", body, grpc = false } = request;
  const head = new RequestHead({
    ...emptyRequestParts(grpc ? "2" : "1.1"),
    lines,
    method,
    target,
    authority,
    contentLength: body?.length ?? -1,
    upgrade,
    grpc,
    acceptsTrailers: grpc,
  });
  return { head, traceparent: "", deadline: "", grpcTimeout: "", via: "", upgrades: upgrade !== "", body };
}
