import { expect, test } from "vitest";
import { healthRequest, servingStatus } from "./health-message.ts";

const bytes = (...values: readonly number[]): Buffer => Buffer.from(values);

test.each([
  { service: "", message: bytes(0, 0, 0, 0, 0) },
  { service: "a.B", message: bytes(0, 0, 0, 0, 5, 0x0a, 3, 0x61, 0x2e, 0x42) },
])("a request for $service is its field and a prefix", ({ service, message }) => {
  expect(healthRequest(service)).toEqual(message);
});

test("a long name has its length in two bytes", () => {
  const message = healthRequest("x".repeat(255));
  expect(message.readUInt32BE(1)).toBe(message.length - 5);
  expect([...message.subarray(5, 9)]).toEqual([0x0a, 0xff, 0x01, 0x78]);
  expect(message.length).toBe(5 + 3 + 255);
});

test.each<{ what: string; message: Buffer; status: string | undefined }>([
  { what: "SERVING", message: bytes(0, 0, 0, 0, 2, 8, 1), status: "SERVING" },
  { what: "NOT_SERVING", message: bytes(0, 0, 0, 0, 2, 8, 2), status: "NOT_SERVING" },
  { what: "SERVICE_UNKNOWN", message: bytes(0, 0, 0, 0, 2, 8, 3), status: "SERVICE_UNKNOWN" },
  { what: "an empty message", message: bytes(0, 0, 0, 0, 0), status: "UNKNOWN" },
  { what: "a number without a name", message: bytes(0, 0, 0, 0, 3, 8, 0xac, 2), status: "UNKNOWN" },
  { what: "1 in two bytes", message: bytes(0, 0, 0, 0, 3, 8, 0x81, 0), status: "SERVING" },
  { what: "the last of two", message: bytes(0, 0, 0, 0, 4, 8, 2, 8, 1), status: "SERVING" },
  {
    what: "fields of other kinds around it",
    message: bytes(0, 0, 0, 0, 21, 0x12, 2, 9, 9, 8, 1, 0x1d, 1, 1, 1, 1, 0x21, 1, 1, 1, 1, 1, 1, 1, 1, 0x28),
    status: undefined, // the last has no value
  },
  {
    what: "the same, whole",
    message: bytes(0, 0, 0, 0, 20, 0x12, 2, 9, 9, 8, 1, 0x1d, 1, 1, 1, 1, 0x21, 1, 1, 1, 1, 1, 1, 1, 1),
    status: "SERVING",
  },
  { what: "nothing", message: bytes(), status: undefined },
  { what: "half a prefix", message: bytes(0, 0, 0), status: undefined },
  { what: "half a message", message: bytes(0, 0, 0, 0, 2, 8), status: undefined },
  { what: "two messages", message: bytes(0, 0, 0, 0, 2, 8, 1, 0, 0, 0, 0, 2, 8, 1), status: undefined },
  { what: "a compressed message", message: bytes(1, 0, 0, 0, 2, 8, 1), status: undefined },
  { what: "a number that does not end", message: bytes(0, 0, 0, 0, 3, 8, 0x80, 0x80), status: undefined },
  {
    what: "a number of eleven bytes",
    message: bytes(0, 0, 0, 0, 12, 8, ...Array(10).fill(0xff), 1),
    status: undefined,
  },
  { what: "a length beyond the end", message: bytes(0, 0, 0, 0, 3, 0x12, 9, 1), status: undefined },
  { what: "a group, which is no more", message: bytes(0, 0, 0, 0, 1, 0x0b), status: undefined },
])("$what says $status", ({ message, status }) => {
  expect(servingStatus(message)).toBe(status);
});
