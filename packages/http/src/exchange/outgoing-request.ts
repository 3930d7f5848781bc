import type { RequestHead } from "../head/request-head.ts";
import type { BodySource } from "../wire/body.ts";
import type { WholeBody } from "../wire/whole-body.ts";

/** What is sent to an endpoint: the caller's head with a few slots set anew. Each protocol writes it in its own form. */
export interface OutgoingRequest {
  /** Its method, target, authority and fields are sent as they stand. */
  readonly head: RequestHead;
  /** Value of `traceparent`; "" for none. */
  readonly traceparent: string;
  /** Value of `x-request-deadline-ms`; "" for none. */
  readonly deadline: string;
  /** Value of `grpc-timeout`; "" for none. */
  readonly grpcTimeout: string;
  /** Value of our own `Via` field; "" for none. */
  readonly via: string;
  /** Whether the protocol that `head.upgrade` or `head.protocol` names is asked of the endpoint. */
  readonly upgrades: boolean;
  /** All of the body, or where it comes from; undefined: there is none. */
  readonly body: WholeBody | BodySource | undefined;
}
