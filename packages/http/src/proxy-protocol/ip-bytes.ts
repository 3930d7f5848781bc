import { isIPv4, isIPv6, SocketAddress } from "node:net";

/** The 4 bytes of an IPv4 address. @param text dotted, as `isIPv4` accepts it */
export function ipv4Bytes(text: string): Buffer {
  return Buffer.from(text.split(".").map(Number));
}

/** The 16 bytes of an IPv6 address. @param text as `isIPv6` accepts it, without a zone */
export function ipv6Bytes(text: string): Buffer {
  const bytes = Buffer.alloc(16);
  const [head = "", tail] = text.split("::");
  const front = groupBytes(head);
  bytes.set(front);
  if (tail === undefined) return bytes;
  const back = groupBytes(tail);
  bytes.set(back, 16 - back.length);
  return bytes;
}

export function ipv4Text(bytes: Buffer, from: number): string {
  return bytes.subarray(from, from + 4).join(".");
}

export function ipv6Text(bytes: Buffer, from: number): string {
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(from + 2 * i).toString(16));
  return shortIpv6(groups.join(":"));
}

/** The form of RFC 5952. */
export function shortIpv6(text: string): string {
  return new SocketAddress({ address: text, family: "ipv6" }).address;
}

/** The IPv4 address that an IPv6 socket shows as `::ffff:1.2.3.4`, or that the text is; undefined for others. */
export function asIpv4(text: string): string | undefined {
  const inner = /^::ffff:(?<v4>[\d.]+)$/iu.exec(text)?.groups?.["v4"] ?? text;
  return isIPv4(inner) ? inner : undefined;
}

/** The address as IPv6: an IPv4 one mapped into it, one with a zone without it; undefined for what is no address. */
export function asIpv6(text: string): string | undefined {
  const [bare = ""] = text.split("%");
  if (isIPv4(bare)) return `::ffff:${bare}`;
  return isIPv6(bare) ? bare : undefined;
}

function groupBytes(groups: string): number[] {
  if (groups === "") return [];
  return groups.split(":").flatMap((group) => {
    if (group.includes(".")) return group.split(".").map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
