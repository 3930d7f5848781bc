import { isIPv4, isIPv6 } from "node:net";
import { shortIpv6 } from "./ip-bytes.ts";
import { MORE, type ProxyAddress, type ProxyHeader, refused } from "./proxy-header.ts";

export const V1_START: Buffer = Buffer.from("PROXY ", "latin1");

/** With CRLF. Source: PROXY protocol 2.1. */
const LONGEST = 107;
const LF = 0x0a;
const CR = 0x0d;

/** Reads a header of version 1. @param bytes which begin with `V1_START` */
export function parseProxyV1(bytes: Buffer): ProxyHeader {
  const lf = bytes.subarray(0, LONGEST).indexOf(LF);
  if (lf < 0) return bytes.length < LONGEST ? MORE : refused(`version 1: no end of line within ${LONGEST} bytes`);
  if (bytes[lf - 1] !== CR) return refused("version 1: the line ends with LF alone");
  const end = lf + 1;
  const [, family = "", ...fields] = bytes.toString("latin1", 0, lf - 1).split(" ");
  if (family === "UNKNOWN") return header(undefined, undefined, end); // whatever follows says nothing
  if (family !== "TCP4" && family !== "TCP6") return refused("version 1: the family is none of TCP4, TCP6, UNKNOWN");
  if (fields.length !== 4) return refused("version 1: not two addresses and two ports, each behind one space");
  const [from = "", to = "", fromPort = "", toPort = ""] = fields;
  const source = addressOf(family, from, fromPort);
  const destination = addressOf(family, to, toPort);
  if (source === undefined || destination === undefined) {
    return refused(`version 1: no ${family} address with a port from 0 to 65535`);
  }
  return header(source, destination, end);
}

function addressOf(family: "TCP4" | "TCP6", host: string, port: string): ProxyAddress | undefined {
  if (!/^(?:0|[1-9]\d{0,4})$/u.test(port) || Number(port) > 65_535) return undefined;
  if (family === "TCP4") return isIPv4(host) ? { host, port: Number(port) } : undefined;
  return isIPv6(host) && !host.includes("%") ? { host: shortIpv6(host), port: Number(port) } : undefined;
}

function header(source: ProxyAddress | undefined, destination: ProxyAddress | undefined, end: number): ProxyHeader {
  return { kind: "header", version: 1, source, destination, local: false, end };
}
