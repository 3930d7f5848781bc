import type { Attributes } from "@opentelemetry/api";
import type { TracedAttempt, TracedCall, TracedRequest } from "@weft/core";
import { failureOf } from "../tracing/failure.ts";
import { grpcStatusName, httpMethod, type RpcMethods } from "../tracing/method-names.ts";
import { methodClass } from "./method-class.ts";

/** What attributes stand for that are counted together, because there are too many different ones. */
const OTHER = "_OTHER";

/**
 * Attributes of calls and attempts, each set made once and given out again: what is counted by has few values.
 *
 * Methods are those that the conventions know, services those of the mesh, statuses and errors those that came up.
 * Beyond the most, errors are counted as `_OTHER`, and then even statuses are left away.
 */
export class CallAttributes {
  readonly #rpcMethods: RpcMethods;
  readonly #most: number;
  readonly #made = new Map<string, Attributes>();

  /** @param most sets kept apart, more than 0. Default 2,000: what OpenTelemetry's SDK tells apart for an instrument */
  constructor(rpcMethods: RpcMethods, most = 2_000) {
    this.#rpcMethods = rpcMethods;
    this.#most = most;
  }

  /** For `weft.call.duration`. @param error what it failed with, for `error.type` */
  call({ call, request }: TracedCall, error: string | undefined): Attributes {
    const method = methodClass(request.method, request.protocol);
    return this.#of(`c ${call.service} ${method} ${error}`, call.service, error, (type) => ({
      "server.address": call.service,
      "weft.method": method,
      ...errorType(type),
    }));
  }

  /** For `http.client.request.duration`. */
  attempt({ call, request }: TracedCall, attempt: TracedAttempt): Attributes {
    const { outcome, status } = attempt;
    const method = httpMethod(request.method);
    const error = failureOf(attempt, "caller") ?? (outcome.kind === "failure" ? outcome.reason : undefined);
    return this.#of(`a ${call.service} ${method} ${status} ${error}`, call.service, error, (type) => ({
      "http.request.method": method,
      "server.address": call.service,
      "server.port": portOf(request),
      ...(status === 0 ? {} : { "http.response.status_code": status }),
      ...errorType(type),
    }));
  }

  /** For `rpc.client.call.duration`. */
  rpc({ call, request, grpcStatus, attempts }: TracedCall, error: string | undefined): Attributes {
    const method = this.#rpcMethods(request.path, attempts === undefined ? -1 : grpcStatus);
    return this.#of(`r ${call.service} ${method} ${grpcStatus} ${error}`, call.service, error, (type) => ({
      "rpc.system.name": "grpc",
      "rpc.method": method,
      "server.address": call.service,
      "server.port": portOf(request),
      ...(grpcStatus < 0 ? {} : { "rpc.status_code": grpcStatusName(grpcStatus) }),
      ...errorType(type),
    }));
  }

  #of(
    key: string,
    service: string,
    error: string | undefined,
    make: (error: string | undefined) => Attributes,
  ): Attributes {
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    if (this.#made.size >= this.#most) return { "server.address": service, ...errorType(error && OTHER) };
    const made = Object.freeze(make(error));
    this.#made.set(key, made);
    return made;
  }
}

function errorType(type: string | undefined): Attributes {
  return type === undefined ? {} : { "error.type": type };
}

/** That of a URL without one: a service as a whole has no port. */
function portOf({ secure }: TracedRequest): number {
  return secure ? 443 : 80;
}
