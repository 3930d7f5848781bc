import type { Attributes } from "@opentelemetry/api";
import { grpcStatusName, type TracedAttempt, type TracedCall, type TracedRequest } from "@weft/core";
import { failureOf } from "../tracing/failure.ts";
import { httpMethod, OTHER_METHOD, rpcMethodOf, type RpcMethods } from "../tracing/method-names.ts";
import { AttributeTable } from "./attribute-table.ts";
import { methodClass } from "./method-class.ts";

/**
 * Attributes of calls and attempts, each set made once and given out again: what is counted by has few values.
 *
 * Methods are those that the conventions know, services those of the mesh, statuses and errors those that came up.
 */
export class CallAttributes {
  readonly #rpcMethods: RpcMethods;
  readonly #calls = new AttributeTable();
  readonly #attempts = new AttributeTable();
  readonly #rpcs = new AttributeTable();

  constructor(rpcMethods: RpcMethods) {
    this.#rpcMethods = rpcMethods;
  }

  /** For `weft.call.duration`. @param error what it failed with, for `error.type` */
  call({ call: { service }, request }: TracedCall, error: string | undefined): Attributes {
    const method = methodClass(request.method, request.protocol);
    return (
      this.#calls.get(service, method, 0, error) ??
      this.#calls.add(service, method, 0, error, { "server.address": service, "weft.method": method })
    );
  }

  /** For `http.client.request.duration`. */
  attempt({ call: { service }, request }: TracedCall, attempt: TracedAttempt): Attributes {
    const { outcome, status } = attempt;
    const method = httpMethod(request.method);
    const error = failureOf(attempt, "caller") ?? (outcome.kind === "failure" ? outcome.reason : undefined);
    const known = this.#attempts.get(service, method, status, error);
    if (known !== undefined) return known;
    return this.#attempts.add(service, method, status, error, {
      "http.request.method": method,
      "server.address": service,
      "server.port": portOf(request),
      ...(status === 0 ? {} : { "http.response.status_code": status }),
    });
  }

  /** For `rpc.client.call.duration`. */
  rpc(ended: TracedCall, error: string | undefined): Attributes {
    const { call, request, grpcStatus } = ended;
    const { service } = call;
    const method = rpcMethodOf(ended, this.#rpcMethods) ?? OTHER_METHOD; // only calls of gRPC come here
    const known = this.#rpcs.get(service, method, grpcStatus, error);
    if (known !== undefined) return known;
    return this.#rpcs.add(service, method, grpcStatus, error, {
      "rpc.system.name": "grpc",
      "rpc.method": method,
      "server.address": service,
      "server.port": portOf(request),
      ...(grpcStatus < 0 ? {} : { "rpc.status_code": grpcStatusName(grpcStatus) }),
    });
  }
}

/** That of a URL without one: a service as a whole has no port. */
function portOf({ secure }: TracedRequest): number {
  return secure ? 443 : 80;
}
