/** What stands in `grpc-message` as it is: printable ASCII but for the percent sign. */
const PLAIN = /^[\x20-\x24\x26-\x7e]*$/;
const FIRST = 0x20;
const LAST = 0x7e;
const PERCENT = 0x25;

/** A text as the value of `grpc-message`. Source: gRPC over HTTP/2, "Status-Message": percent-encoded UTF-8. */
export function grpcMessage(text: string): string {
  if (PLAIN.test(text)) return text.trim(); // blanks around a value are no part of it
  let value = "";
  for (const byte of Buffer.from(text.trim(), "utf8")) {
    const plain = byte >= FIRST && byte <= LAST && byte !== PERCENT;
    value += plain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return value;
}
