import { Fields } from "../head/fields.ts";
import { reasonPhrase } from "../head/reason-phrases.ts";

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
    `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\nContent-Type: application/problem+json\r\n` +
    `X-Weft-Error: ${code}\r\n` +
    `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`
  );
}

/** Its body alone. A detail is written by us, in ASCII: a character is a byte. */
export function problemBody({ status, code, detail }: Refused): string {
  return JSON.stringify({ type: `urn:weft:problem:${code}`, title: reasonPhrase(status), status, detail, code });
}

/** The fields of an answer whose body that is, over HTTP/2. */
export function problemFields(code: string): Fields {
  return Fields.ofList(["content-type", "application/problem+json", "x-weft-error", code]);
}
