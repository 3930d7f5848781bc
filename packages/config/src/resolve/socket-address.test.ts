import { expect, test } from "vitest";
import type { ListenAddress } from "../input/units.ts";
import { addressText, isLocal, overlap, socketAddress } from "./socket-address.ts";

test.each<{ written: ListenAddress; read: ReturnType<typeof socketAddress>; local: boolean }>([
  { written: "127.0.0.1:15001", read: { host: "127.0.0.1", port: 15_001 }, local: true },
  { written: "localhost:1", read: { host: "localhost", port: 1 }, local: true },
  { written: "[::1]:80", read: { host: "::1", port: 80 }, local: true },
  { written: "[::]:80", read: { host: "::", port: 80 }, local: false },
  { written: "0.0.0.0:0", read: { host: "0.0.0.0", port: 0 }, local: false },
  { written: "127.evil.example:80", read: { host: "127.evil.example", port: 80 }, local: false },
  { written: "unix:/run/weft.sock", read: { path: "/run/weft.sock" }, local: true },
  { written: "unix:80", read: { host: "unix", port: 80 }, local: false },
])("$written is read, and written the same", ({ written, read, local }) => {
  expect(socketAddress(written)).toEqual(read);
  expect(addressText(read)).toBe(written);
  expect(isLocal(read)).toBe(local);
});

test.each<{ a: ListenAddress; b: ListenAddress; both: boolean }>([
  { a: "127.0.0.1:80", b: "127.0.0.1:80", both: true },
  { a: "127.0.0.1:80", b: "127.0.0.1:81", both: false },
  { a: "127.0.0.1:80", b: "127.0.0.2:80", both: false },
  { a: "0.0.0.0:80", b: "10.0.0.1:80", both: true },
  { a: "[::]:80", b: "127.0.0.1:80", both: true },
  { a: "localhost:80", b: "[::1]:80", both: true },
  { a: "127.0.0.1:0", b: "127.0.0.1:0", both: false },
  { a: "unix:/a", b: "unix:/a", both: true },
  { a: "unix:/a", b: "0.0.0.0:80", both: false },
])("$a and $b overlap: $both", ({ a, b, both }) => {
  expect(overlap(socketAddress(a), socketAddress(b))).toBe(both);
  expect(overlap(socketAddress(b), socketAddress(a))).toBe(both);
});
