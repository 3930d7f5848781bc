import type { TracedCall } from "@weft/core";

/** What stands for a method that nobody knows, so that a caller cannot make up names without end. */
export const OTHER_METHOD = "_OTHER";

/** Source: semantic conventions, `http.request.method`. */
const HTTP_METHODS: ReadonlySet<string> = new Set([
  "GET",
  "POST",
  "PUT",
  "DELETE",
  "HEAD",
  "PATCH",
  "OPTIONS",
  "CONNECT",
  "TRACE",
  "QUERY",
]);

/** The method, when it is one of those that the conventions know. */
export function httpMethod(method: string): string {
  return HTTP_METHODS.has(method) ? method : OTHER_METHOD;
}

/** gRPC's status of a method that the endpoint does not have. */
const UNIMPLEMENTED = 12;
const LONGEST_NAME = 256;

/**
 * Names a gRPC method, when an endpoint has answered to it before or now: every other one is `_OTHER`.
 *
 * @param path   `/package.Service/Method`
 * @param answer the status that an endpoint gave; -1: none did, and the mesh's own says nothing about the method
 */
export type RpcMethods = (path: string, answer: number) => string;

/** @param most so many names are told apart: more than anybody reads */
export function rpcMethods(most = 1024): RpcMethods {
  const known = new Set<string>();
  return (path, answer) => {
    const name = path.slice(1);
    if (known.has(name)) return name;
    if (answer < 0 || answer === UNIMPLEMENTED || known.size >= most || name.length > LONGEST_NAME) {
      return OTHER_METHOD;
    }
    // A copy of its own: the slice would keep a whole request head alive.
    known.add(Buffer.from(name, "latin1").toString("latin1"));
    return name;
  };
}

/** The name of the method that a call asked for; undefined: it is none of gRPC. */
export function rpcMethodOf({ request, attempts }: TracedCall, methods: RpcMethods): string | undefined {
  if (request.protocol !== "grpc") return undefined;
  let answer = -1;
  for (let attempt = attempts; attempt !== undefined; attempt = attempt.next) {
    if (attempt.grpcStatus >= 0) answer = attempt.grpcStatus;
  }
  return methods(request.path, answer);
}
