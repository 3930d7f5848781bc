import { crc32c } from "./crc32c.ts";
import { ipv4Text, ipv6Text } from "./ip-bytes.ts";
import { MORE, type ProxyAddress, type ProxyHeader, refused } from "./proxy-header.ts";

export const V2_START: Buffer = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");

/** Start, version and command, family and protocol, length of what follows. */
const FIXED_BYTES = 16;
/** Type, length. */
const TLV_HEAD_BYTES = 3;
const CRC32C = 0x03;

/** By family; those without addresses that we could use are 0 (unspecified) and 3 (unix). */
const ADDRESS_BYTES = [0, 12, 36, 216] as const;

/**
 * Reads a header of version 2.
 *
 * @param bytes which begin with `V2_START`
 * @param maxBytes of the whole header
 */
export function parseProxyV2(bytes: Buffer, maxBytes: number): ProxyHeader {
  if (bytes.length < FIXED_BYTES) return bytes.length > 12 ? (wrongFixed(bytes) ?? MORE) : MORE;
  const wrong = wrongFixed(bytes);
  if (wrong !== undefined) return wrong;
  const end = FIXED_BYTES + bytes.readUInt16BE(14);
  if (end > maxBytes) return refused(`version 2: a header of ${end} bytes, more than ${maxBytes}`);
  const family = bytes[13]! >> 4;
  const local = (bytes[12]! & 0x0f) === 0;
  // A proxy that speaks for itself may put anything there, and we are to ignore it.
  const tlvs = local ? end : FIXED_BYTES + ADDRESS_BYTES[family as 0 | 1 | 2 | 3]; // `wrongFixed` knows no other
  if (tlvs > end) return refused("version 2: shorter than the addresses of its family");
  if (bytes.length < end) return MORE;
  if (local) return { kind: "header", version: 2, source: undefined, destination: undefined, local, end };
  const problem = wrongTlv(bytes, tlvs, end);
  if (problem !== undefined) return refused(problem);
  return { kind: "header", version: 2, ...addresses(bytes, family), local, end };
}

/** What the two bytes behind the start say that no header may, as far as they are here. */
function wrongFixed(bytes: Buffer): ProxyHeader | undefined {
  const [versionAndCommand = 0, familyAndProtocol = 0] = bytes.subarray(12, 14);
  if (versionAndCommand >> 4 !== 2) return refused("version 2: the version is not 2");
  if ((versionAndCommand & 0x0f) > 1) return refused("version 2: the command is neither LOCAL nor PROXY");
  if (familyAndProtocol >> 4 > 3 || (familyAndProtocol & 0x0f) > 2) {
    return refused("version 2: a family or a protocol that there is not");
  }
  return undefined;
}

function addresses(
  bytes: Buffer,
  family: number,
): { readonly source: ProxyAddress | undefined; readonly destination: ProxyAddress | undefined } {
  if (family === 1) {
    return {
      source: { host: ipv4Text(bytes, 16), port: bytes.readUInt16BE(24) },
      destination: { host: ipv4Text(bytes, 20), port: bytes.readUInt16BE(26) },
    };
  }
  if (family === 2) {
    return {
      source: { host: ipv6Text(bytes, 16), port: bytes.readUInt16BE(48) },
      destination: { host: ipv6Text(bytes, 32), port: bytes.readUInt16BE(50) },
    };
  }
  return { source: undefined, destination: undefined };
}

/** Steps over the fields behind the addresses; of these only a checksum means anything to us. */
function wrongTlv(bytes: Buffer, from: number, end: number): string | undefined {
  for (let at = from; at < end;) {
    if (at + TLV_HEAD_BYTES > end) return "version 2: a field is cut off";
    const value = at + TLV_HEAD_BYTES;
    const next = value + bytes.readUInt16BE(at + 1);
    if (next > end) return "version 2: a field is longer than the header";
    if (bytes[at] === CRC32C) {
      if (next - value !== 4) return "version 2: a checksum that is not 4 bytes long";
      if (bytes.readUInt32BE(value) !== crc32c(bytes.subarray(0, end), value))
        return "version 2: the checksum is wrong";
    }
    at = next;
  }
  return undefined;
}
