import type { TracedRequest } from "@weft/core";

/**
 * What kind of work a call asks for, as far as numbers are kept apart by it. Three, however many methods callers send:
 *
 * - `read`: GET, HEAD, OPTIONS, TRACE, QUERY. Safe methods: they may be repeated, and are usually fast.
 * - `write`: every other method, unknown ones included. Its failures cost more than a repetition.
 * - `grpc`: calls of gRPC, which are all POST, and fail by a status of their own.
 *
 * Source: RFC 9110 9.2.1 for what is safe; RFC 10008 for QUERY.
 */
export type MethodClass = "read" | "write" | "grpc";

/** In the order of their numbers. */
export const METHOD_CLASSES: readonly MethodClass[] = ["read", "write", "grpc"];

/** Costs a comparison or two. @param method as it was sent, in capitals */
export function methodClass(method: string, protocol: TracedRequest["protocol"]): MethodClass {
  if (protocol === "grpc") return "grpc";
  switch (method) {
    case "GET":
    case "HEAD":
    case "OPTIONS":
    case "TRACE":
    case "QUERY":
      return "read";
    default:
      return "write";
  }
}
