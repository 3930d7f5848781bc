import { parseProxyV1, V1_START } from "./parse-proxy-v1.ts";
import { parseProxyV2, V2_START } from "./parse-proxy-v2.ts";
import { MORE, type ProxyHeader, refused } from "./proxy-header.ts";

/** A v2 header with certificates' names and cloud providers' fields fits easily. Source: its specification asks for 536. */
const MAX_BYTES = 4 * 1024;

/**
 * Reads the PROXY header, of version 1 or 2, at the start of a connection. Pure: called with all bytes there are, again
 * when it said `more` and there are more.
 *
 * There is no guessing whether a header is meant: bytes that do not begin one are refused at the first that is wrong.
 * Fields behind the addresses are skipped; a checksum among them must be right.
 *
 * @param maxBytes of a version 2 header; version 1 has its own limit of 107
 * Source: HAProxy's proxy-protocol.txt, 2.1 and 2.2.
 */
export function parseProxyHeader(bytes: Buffer, maxBytes: number = MAX_BYTES): ProxyHeader {
  for (const { start, parse } of VERSIONS) {
    const length = Math.min(start.length, bytes.length);
    if (bytes.compare(start, 0, length, 0, length) !== 0) continue;
    return length < start.length ? MORE : parse(bytes, maxBytes);
  }
  return refused("the connection does not begin with a PROXY header");
}

const VERSIONS: readonly {
  readonly start: Buffer;
  readonly parse: (bytes: Buffer, maxBytes: number) => ProxyHeader;
}[] = [
  { start: V1_START, parse: parseProxyV1 },
  { start: V2_START, parse: parseProxyV2 },
];
