import type { OutgoingRequest } from "../exchange/outgoing-request.ts";
import type { RequestHead } from "../head/request-head.ts";

/** What is sent for a head when nothing is added to it, and its body is still to come. */
export function outgoing(head: RequestHead, parts: Partial<OutgoingRequest> = {}): OutgoingRequest {
  return { head, traceparent: "", deadline: "", grpcTimeout: "", via: "", upgrades: false, body: undefined, ...parts };
}
