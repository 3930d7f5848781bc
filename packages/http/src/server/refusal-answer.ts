const REASONS: Readonly<Record<number, string>> = {
  400: "Bad Request",
  408: "Request Timeout",
  413: "Content Too Large",
  414: "URI Too Long",
  417: "Expectation Failed",
  431: "Request Header Fields Too Large",
  501: "Not Implemented",
  503: "Service Unavailable",
  505: "HTTP Version Not Supported",
};

/** Why something was not taken for a request. */
interface Refused {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

/** The answer to bytes that are not taken for a request: why, as RFC 9457 has it, and the end of the connection. */
export function refusalAnswer(refused: Refused): string {
  const { status, code } = refused;
  const body = problemBody(refused);
  return (
    `HTTP/1.1 ${status} ${titleOf(status)}\r\nContent-Type: application/problem+json\r\n` +
    `X-Weft-Error: ${code}\r\n` +
    `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`
  );
}

/** Its body alone. A detail is written by us, in ASCII: a character is a byte. */
export function problemBody({ status, code, detail }: Refused): string {
  return JSON.stringify({ type: `urn:weft:problem:${code}`, title: titleOf(status), status, detail, code });
}

function titleOf(status: number): string {
  return REASONS[status] ?? "Bad Request";
}
