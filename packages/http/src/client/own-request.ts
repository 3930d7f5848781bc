import type { OutgoingRequest } from "../exchange/outgoing-request.ts";
import { emptyRequestParts, RequestHead } from "../head/request-head.ts";
import type { BodySource } from "../wire/body.ts";

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
  readonly body?: Buffer | BodySource | undefined;
}

/** A request of ours to an endpoint, as a health check sends it. */
export function ownRequest({ method, target, authority, lines = "", upgrade = "", body }: OwnRequest): OutgoingRequest {
  const contentLength = body?.length ?? -1;
  const head = new RequestHead({
    ...emptyRequestParts("1.1"),
    lines,
    method,
    target,
    authority,
    contentLength,
    upgrade,
  });
  return { head, traceparent: "", deadline: "", grpcTimeout: "", via: "", upgrades: upgrade !== "", body };
}
