import { asIpv4, asIpv6, ipv4Bytes, ipv6Bytes, shortIpv6 } from "./ip-bytes.ts";
import { V2_START } from "./parse-proxy-v2.ts";
import type { ProxyAddress } from "./proxy-header.ts";

/** Who connects, and to whom, in one family. */
interface Pair {
  readonly family: 4 | 6;
  readonly from: string;
  readonly to: string;
}

/**
 * Writes the header that goes before a connection's bytes.
 *
 * One IPv4 and one IPv6 address are both written as IPv6. What is no IP address, or not known, makes a header that says
 * so: `UNKNOWN`, or the unspecified family.
 */
export function writeProxyHeader(
  version: 1 | 2,
  source: ProxyAddress | undefined,
  destination: ProxyAddress | undefined,
): Buffer {
  const pair = source && destination && pairOf(source.host, destination.host);
  const ports = [source?.port ?? 0, destination?.port ?? 0] as const;
  return version === 1 ? versionOne(pair, ports) : versionTwo(pair, ports);
}

function versionOne(pair: Pair | undefined, [fromPort, toPort]: readonly [number, number]): Buffer {
  if (pair === undefined) return Buffer.from("PROXY UNKNOWN\r\n", "latin1");
  const { family, from, to } = pair;
  return Buffer.from(`PROXY TCP${family} ${from} ${to} ${fromPort} ${toPort}\r\n`, "latin1");
}

function versionTwo(pair: Pair | undefined, [fromPort, toPort]: readonly [number, number]): Buffer {
  const fixed = Buffer.alloc(16);
  fixed.set(V2_START);
  fixed[12] = 0x21; // version 2, PROXY
  if (pair === undefined) return fixed;
  const bytes = pair.family === 4 ? ipv4Bytes : ipv6Bytes;
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(fromPort, 0);
  ports.writeUInt16BE(toPort, 2);
  const addresses = Buffer.concat([bytes(pair.from), bytes(pair.to), ports]);
  fixed[13] = pair.family === 4 ? 0x11 : 0x21; // the family, over a stream
  fixed.writeUInt16BE(addresses.length, 14);
  return Buffer.concat([fixed, addresses]);
}

function pairOf(source: string, destination: string): Pair | undefined {
  const [from4, to4] = [asIpv4(source), asIpv4(destination)];
  if (from4 !== undefined && to4 !== undefined) return { family: 4, from: from4, to: to4 };
  const [from6, to6] = [asIpv6(source), asIpv6(destination)];
  if (from6 === undefined || to6 === undefined) return undefined;
  return { family: 6, from: shortIpv6(from6), to: shortIpv6(to6) };
}
