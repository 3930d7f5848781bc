import { describe, expect, test } from "vitest";
import { crc32c } from "./crc32c.ts";
import { parseProxyHeader } from "./parse-proxy-header.ts";
import type { ProxyAddress, ProxyHeader } from "./proxy-header.ts";
import { writeProxyHeader } from "./write-proxy-header.ts";

const V2 = "0d0a0d0a000d0a515549540a";
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");
const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");
const at = (host: string, port: number): ProxyAddress => ({ host, port });
const ones = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";

interface Good {
  readonly name: string;
  readonly bytes: Buffer;
  readonly says: Partial<Extract<ProxyHeader, { kind: "header" }>>;
}

const GOOD: readonly Good[] = [
  {
    name: "v1, the example of the specification",
    bytes: latin1("PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n"),
    says: { version: 1, source: at("192.168.0.1", 56_324), destination: at("192.168.0.11", 443), local: false },
  },
  {
    name: "v1, its longest IPv4",
    bytes: latin1("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n"),
    says: { source: at("255.255.255.255", 65_535), destination: at("255.255.255.255", 65_535) },
  },
  {
    name: "v1, its longest IPv6",
    bytes: latin1(`PROXY TCP6 ${ones} ${ones} 65535 65535\r\n`),
    says: { source: at(ones, 65_535), destination: at(ones, 65_535) },
  },
  {
    name: "v1, IPv6 in a long form, made short",
    bytes: latin1("PROXY TCP6 2001:0DB8:0:0:0:0:0:1 ::1 1 0\r\n"),
    says: { source: at("2001:db8::1", 1), destination: at("::1", 0) },
  },
  { name: "v1, unknown, short", bytes: latin1("PROXY UNKNOWN\r\n"), says: { source: undefined, local: false } },
  {
    name: "v1, unknown, its longest, 107 bytes",
    bytes: latin1(`PROXY UNKNOWN ${ones} ${ones} 65535 65535\r\n`),
    says: { source: undefined, destination: undefined, end: 107 },
  },
  {
    name: "v2, IPv4",
    bytes: hex(`${V2} 21 11 000c 7f000001 c0a80001 1f90 01bb`),
    says: { version: 2, source: at("127.0.0.1", 8_080), destination: at("192.168.0.1", 443), local: false },
  },
  {
    name: "v2, IPv6",
    bytes: hex(`${V2} 21 21 0024 20010db8000000000000000000000001 ${"00".repeat(15)}01 d431 0050`),
    says: { source: at("2001:db8::1", 54_321), destination: at("::1", 80) },
  },
  { name: "v2, LOCAL", bytes: hex(`${V2} 20 00 0000`), says: { local: true, source: undefined } },
  {
    name: "v2, LOCAL with an address, which means nothing",
    bytes: hex(`${V2} 20 11 000c 7f000001 7f000001 1f90 01bb`),
    says: { local: true, source: undefined, end: 28 },
  },
  { name: "v2, unspecified", bytes: hex(`${V2} 21 00 0000`), says: { local: false, source: undefined } },
  { name: "v2, unix", bytes: hex(`${V2} 21 31 00d8 ${"2f".repeat(216)}`), says: { source: undefined, end: 232 } },
  {
    name: "v2, fields behind the addresses: NOOP, authority, of a kind nobody knows",
    bytes: hex(`${V2} 21 11 0019 7f000001 7f000001 0001 0002 04 0002 0000 02 0002 6162 ee 0000`),
    says: { source: at("127.0.0.1", 1), end: 41 },
  },
  {
    name: "v2, a right checksum",
    bytes: withChecksum(hex(`${V2} 21 11 0013 7f000001 7f000001 0001 0002 03 0004 00000000`)),
    says: { source: at("127.0.0.1", 1), end: 35 },
  },
];

describe("PROXY headers", () => {
  test.each(GOOD)("reads $name", ({ bytes, says }) => {
    expect(parseProxyHeader(bytes)).toMatchObject({ kind: "header", end: bytes.length, ...says });
  });

  test.each(GOOD)("asks for more at every split, and stops at its end: $name", ({ bytes, says }) => {
    for (let length = 0; length < bytes.length; length++) {
      expect(parseProxyHeader(bytes.subarray(0, length)), `${length} bytes`).toEqual({ kind: "more" });
    }
    expect(parseProxyHeader(Buffer.concat([bytes, latin1("\r\nPROXY and more")]))).toMatchObject({
      kind: "header",
      end: bytes.length,
      ...says,
    });
  });

  test.each([
    { bytes: latin1("G"), says: "does not begin with a PROXY header" },
    { bytes: latin1("PROXy"), says: "does not begin" },
    { bytes: latin1("proxy TCP4"), says: "does not begin" },
    { bytes: latin1("PROXY\tTCP4 1.1.1.1"), says: "does not begin" },
    { bytes: latin1("\r\n\r\n\0\r\nQUIX"), says: "does not begin" },
    { bytes: latin1("PROXY TCP4 1.1.1.1 1.1.1.1 1 1\n"), says: "LF alone" },
    { bytes: latin1("PROXY TCP4 1.1.1.1  1.1.1.1 1 1\r\n"), says: "one space" },
    { bytes: latin1("PROXY TCP4 1.1.1.1 1.1.1.1 1 1 \r\n"), says: "one space" },
    { bytes: latin1("PROXY TCP4 1.1.1.1 1.1.1.1 1\r\n"), says: "one space" },
    { bytes: latin1("PROXY  TCP4 1.1.1.1 1.1.1.1 1 1\r\n"), says: "none of" },
    { bytes: latin1("PROXY UDP4 1.1.1.1 1.1.1.1 1 1\r\n"), says: "none of" },
    { bytes: latin1("PROXY \r\n"), says: "none of" },
    { bytes: latin1("PROXY TCP4 1.1.1.256 1.1.1.1 1 1\r\n"), says: "no TCP4 address" },
    { bytes: latin1("PROXY TCP4 1.1.1.01 1.1.1.1 1 1\r\n"), says: "no TCP4 address" },
    { bytes: latin1("PROXY TCP4 ::1 ::1 1 1\r\n"), says: "no TCP4 address" },
    { bytes: latin1("PROXY TCP6 1.1.1.1 1.1.1.1 1 1\r\n"), says: "no TCP6 address" },
    { bytes: latin1("PROXY TCP6 fe80::1%lo ::1 1 1\r\n"), says: "no TCP6 address" },
    { bytes: latin1("PROXY TCP4 1.1.1.1 1.1.1.1 65536 1\r\n"), says: "port" },
    { bytes: latin1("PROXY TCP4 1.1.1.1 1.1.1.1 01 1\r\n"), says: "port" },
    { bytes: latin1("PROXY TCP4 1.1.1.1 1.1.1.1 -1 1\r\n"), says: "port" },
    { bytes: latin1("PROXY TCP4 1.1.1.1 1.1.1.1 1e3 1\r\n"), says: "port" },
    { bytes: latin1(`PROXY UNKNOWN ${"x".repeat(93)}`), says: "within 107 bytes" },
    { bytes: latin1(`PROXY UNKNOWN ${"x".repeat(92)}\r\n`), says: "within 107 bytes" },
    { bytes: hex(`${V2} 11`), says: "the version is not 2" },
    { bytes: hex(`${V2} 22 11 000c`), says: "neither LOCAL nor PROXY" },
    { bytes: hex(`${V2} 21 41`), says: "family or a protocol" },
    { bytes: hex(`${V2} 21 13 000c`), says: "family or a protocol" },
    { bytes: hex(`${V2} 21 11 000b`), says: "shorter than the addresses" },
    { bytes: hex(`${V2} 21 21 000c`), says: "shorter than the addresses" },
    { bytes: hex(`${V2} 21 31 00d7`), says: "shorter than the addresses" },
    { bytes: hex(`${V2} 21 11 ffff`), says: "a header of 65551 bytes, more than 4096" },
    { bytes: hex(`${V2} 21 11 000e 7f000001 7f000001 0001 0002 0400`), says: "a field is cut off" },
    { bytes: hex(`${V2} 21 11 000f 7f000001 7f000001 0001 0002 040001`), says: "longer than the header" },
    { bytes: hex(`${V2} 21 11 0012 7f000001 7f000001 0001 0002 03 0003 000000`), says: "not 4 bytes" },
    { bytes: hex(`${V2} 21 11 0013 7f000001 7f000001 0001 0002 03 0004 00000000`), says: "the checksum is wrong" },
  ])("refuses %#: $says", ({ bytes, says }) => {
    expect(parseProxyHeader(bytes)).toMatchObject({ kind: "refused", detail: expect.stringContaining(says) as string });
  });
});

describe("a PROXY header written", () => {
  test.each([
    { source: at("10.0.0.1", 1), destination: at("10.0.0.2", 65_535), reads: ["10.0.0.1", "10.0.0.2"] },
    { source: at("2001:db8::1", 1), destination: at("::1", 65_535), reads: ["2001:db8::1", "::1"] },
    { source: at("::ffff:10.0.0.1", 1), destination: at("10.0.0.2", 65_535), reads: ["10.0.0.1", "10.0.0.2"] },
    { source: at("10.0.0.1", 1), destination: at("::1", 65_535), reads: ["::ffff:10.0.0.1", "::1"] },
    { source: at("fe80::1%eth0", 1), destination: at("fe80::2", 65_535), reads: ["fe80::1", "fe80::2"] },
    { source: at("1:2:3:4:5:6:7:8", 1), destination: at("1::8", 65_535), reads: ["1:2:3:4:5:6:7:8", "1::8"] },
  ])("is read back: $source.host to $destination.host", ({ source, destination, reads: [from = "", to = ""] }) => {
    for (const version of [1, 2] as const) {
      expect(parseProxyHeader(writeProxyHeader(version, source, destination))).toMatchObject({
        version,
        source: at(from, 1),
        destination: at(to, 65_535),
      });
    }
  });

  test("says unknown for what is no IP address, or not there", () => {
    for (const source of [undefined, at("/run/app.sock", 0), at("", 0)]) {
      expect(writeProxyHeader(1, source, at("10.0.0.1", 1)).toString()).toBe("PROXY UNKNOWN\r\n");
      expect(parseProxyHeader(writeProxyHeader(2, source, at("10.0.0.1", 1)))).toMatchObject({
        kind: "header",
        source: undefined,
        local: false,
      });
    }
  });

  test("is byte for byte that of the specification", () => {
    const [source, destination] = [at("192.168.0.1", 56_324), at("192.168.0.11", 443)];
    expect(writeProxyHeader(1, source, destination).toString()).toBe(
      "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n",
    );
    expect(writeProxyHeader(2, source, destination).toString("hex")).toBe(
      `${V2}2111000c${"c0a80001"}${"c0a8000b"}${"dc04"}${"01bb"}`,
    );
  });
});

test("CRC-32C gives its check value", () => {
  expect(crc32c(latin1("123456789"), 9)).toBe(0xe3_06_92_83);
});

/** Puts the checksum into the last four bytes. */
function withChecksum(bytes: Buffer): Buffer {
  bytes.writeUInt32BE(crc32c(bytes, bytes.length - 4), bytes.length - 4);
  return bytes;
}
