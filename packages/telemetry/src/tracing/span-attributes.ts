import { type Endpoint, grpcStatusName, type TracedAttempt, type TracedRequest } from "@weft/core";
import { cleanTarget } from "./clean-url.ts";
import { httpMethod, OTHER_METHOD } from "./method-names.ts";
import type { AttributeValue } from "./span-data.ts";

/** Attributes while they are gathered. */
export type Draft = Record<string, AttributeValue>;

/** How much of a `user-agent` is kept, in characters. */
const AGENT_CHARACTERS = 256;

/**
 * A span's name: `GET orders`, `TCP postgres`, or the method of gRPC. Of few different ones, whatever callers send.
 *
 * @param rpcMethod undefined: it is no call of gRPC
 */
export function spanName(request: TracedRequest, rpcMethod: string | undefined): string {
  if (rpcMethod !== undefined) return rpcMethod === OTHER_METHOD ? "grpc" : rpcMethod;
  if (request.protocol === "tcp") return `${request.method || "TCP"} ${request.service}`;
  const method = httpMethod(request.method);
  return `${method === OTHER_METHOD ? "HTTP" : method} ${request.service}`;
}

/**
 * What is said of a request by who sends it: to the service as a whole, whose name stands for all its endpoints.
 *
 * Source: semantic conventions 1.45 for HTTP and RPC client spans. Of a tunnel nothing is known but that it is one.
 */
export function sentAttributes(request: TracedRequest, rpcMethod: string | undefined): Draft {
  if (request.protocol === "tcp") return { "network.transport": "tcp", "server.address": request.service };
  const port = request.secure ? 443 : 80;
  if (rpcMethod !== undefined) return rpcAttributes(request, rpcMethod, port);
  const method = httpMethod(request.method);
  const attributes: Draft = {
    "http.request.method": method,
    "server.address": request.service,
    "server.port": port,
    "url.full": fullUrl(request),
  };
  if (method === OTHER_METHOD) attributes["http.request.method_original"] = request.method;
  return attributes;
}

/** The same by who receives it. */
export function receivedAttributes(request: TracedRequest, rpcMethod: string | undefined): Draft {
  const port = request.secure ? 443 : 80;
  const attributes = rpcMethod === undefined ? receivedHttp(request, port) : rpcAttributes(request, rpcMethod, port);
  addPeer(attributes, request.peer);
  return attributes;
}

/** What came back, to a caller or from an endpoint. */
export function addAnswer(attributes: Draft, answer: { status: number; grpcStatus: number }, grpc: boolean): void {
  const { status, grpcStatus } = answer;
  if (grpc && grpcStatus >= 0) attributes["rpc.status_code"] = grpcStatusName(grpcStatus);
  // Of a call of gRPC it says something only where the answer was none of gRPC.
  if (status > 0 && !(grpc && status === 200)) attributes["http.response.status_code"] = status;
}

/** The one endpoint that it was sent to. */
export function addEndpoint(attributes: Draft, { id, host, port }: Endpoint): void {
  attributes["network.peer.address"] = host;
  attributes["network.peer.port"] = port;
  attributes["weft.endpoint"] = id;
}

/** `success`, `ignored`, or the reason of the failure. */
export function outcomeWord({ outcome }: TracedAttempt): string {
  return outcome.kind === "failure" ? outcome.reason : outcome.kind;
}

function receivedHttp(request: TracedRequest, port: number): Draft {
  const method = httpMethod(request.method);
  const { path, query } = cleanTarget(request.path);
  const agent = request.header("user-agent");
  const attributes: Draft = {
    "http.request.method": method,
    "server.address": request.service,
    "server.port": port,
    "url.path": path,
    "url.scheme": request.secure ? "https" : "http",
  };
  if (query !== "") attributes["url.query"] = query;
  if (method === OTHER_METHOD) attributes["http.request.method_original"] = request.method;
  if (request.version !== "") attributes["network.protocol.version"] = request.version;
  if (agent !== undefined) attributes["user_agent.original"] = agent.slice(0, AGENT_CHARACTERS);
  return attributes;
}

function rpcAttributes({ path, service }: TracedRequest, rpcMethod: string, port: number): Draft {
  const attributes: Draft = {
    "rpc.system.name": "grpc",
    "rpc.method": rpcMethod,
    "server.address": service,
    "server.port": port,
  };
  if (rpcMethod === OTHER_METHOD) attributes["rpc.method_original"] = cleanTarget(path).path.slice(1);
  return attributes;
}

/** A target that is no path, as of `OPTIONS *`, says nothing that the address does not. */
function fullUrl({ secure, path: target, service }: TracedRequest): string {
  const origin = `${secure ? "https" : "http"}://${service}`;
  if (!target.startsWith("/")) return `${origin}/`;
  const { path, query } = cleanTarget(target);
  return query === "" ? origin + path : `${origin}${path}?${query}`;
}

/** @param peer `host:port`; an IPv6 address has brackets, or none */
function addPeer(attributes: Draft, peer: string): void {
  const colon = peer.lastIndexOf(":");
  if (colon < 0) return;
  const host = peer.slice(0, colon).replace(/^\[|\]$/g, "");
  attributes["client.address"] = host;
  attributes["network.peer.address"] = host;
  attributes["network.peer.port"] = Number(peer.slice(colon + 1));
}
