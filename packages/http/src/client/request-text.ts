import type { OutgoingRequest } from "../exchange/outgoing-request.ts";
import { CommonText } from "../head/common-text.ts";
import type { RequestHead } from "../head/request-head.ts";

/**
 * The head of a request in HTTP/1.1, up to its empty line: the caller's text with few lines changed. Hop-by-hop fields
 * were left out when it was parsed; Host stays the caller's, for it names the service. An extended CONNECT of HTTP/2
 * becomes the Upgrade that says the same (RFC 8441 5).
 *
 * @param key what `webSocketKey` gives, for an extended CONNECT
 */
export function requestText(request: OutgoingRequest, key = ""): string {
  const { head, traceparent, deadline, grpcTimeout, via } = request;
  return (
    `${key === "" ? head.method : "GET"} ${head.target} HTTP/1.1\r\nHost: ${head.authority}\r\n${head.lines}` +
    (traceparent === "" ? "" : `traceparent: ${traceparent}\r\n`) +
    callLines(deadline, grpcTimeout, via) +
    connectionLines(request) +
    (key === "" ? framingLine(request) : `Sec-WebSocket-Key: ${key}\r\n\r\n`)
  );
}

let lastDeadline = "";
let lastGrpcTimeout = "";
let lastVia = "";
const lastCallLines = new CommonText();

/** What is said anew, but for the trace: the same for one call as for the next while both have their whole time left. */
function callLines(deadline: string, grpcTimeout: string, via: string): string {
  if (deadline === lastDeadline && via === lastVia && grpcTimeout === lastGrpcTimeout) return lastCallLines.again();
  lastDeadline = deadline;
  lastGrpcTimeout = grpcTimeout;
  lastVia = via;
  return lastCallLines.anew(
    (deadline === "" ? "" : `x-request-deadline-ms: ${deadline}\r\n`) +
      (grpcTimeout === "" ? "" : `grpc-timeout: ${grpcTimeout}\r\n`) +
      (via === "" ? "" : `Via: ${via}\r\n`),
  );
}

/** What is about this connection alone: the hop-by-hop lines that it takes are ours. */
function connectionLines({ head, upgrades }: OutgoingRequest): string {
  if (upgrades) return `Connection: Upgrade\r\nUpgrade: ${head.upgrade || head.protocol}\r\n`;
  // Trailers are passed on, so whoever takes them is said to. Source: RFC 9110 10.1.4.
  return head.acceptsTrailers ? "Connection: TE\r\nTE: trailers\r\n" : "";
}

/** The line that frames the body, and the empty one. */
function framingLine({ head, upgrades, body }: OutgoingRequest): string {
  const none = body === undefined || upgrades;
  const length = none ? lengthOfNone(head) : body.length;
  if (length >= 0) return `Content-Length: ${length}\r\n\r\n`;
  return none ? "\r\n" : "Transfer-Encoding: chunked\r\n\r\n";
}

/**
 * What is said where there is no body: what the caller said. Over HTTP/2 it need not, for its stream has ended; here
 * some endpoints refuse a method that usually brings one, when nothing says that there is none (RFC 9110 8.6).
 */
function lengthOfNone({ contentLength, version, method }: RequestHead): number {
  const untold = contentLength < 0 && version === "2" && (method === "POST" || method === "PUT" || method === "PATCH");
  return untold ? 0 : contentLength;
}
