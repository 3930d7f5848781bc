import { expect, test } from "vitest";
import { field, FieldWriter, unindexed } from "./field-writer.ts";

const te = field("te", "trailers");
const type = field("content-type", "application/grpc");

test("writes what the examples of RFC 7541 show", () => {
  const block = new FieldWriter().begin().field(field(":method", "GET")).field(field(":scheme", "http")).end();
  expect(block.toString("hex")).toBe("8286"); // C.4.1
  const path = new FieldWriter().begin().field(unindexed(":path", "302")).end();
  expect(path.toString("hex")).toBe("04826402"); // the text of C.6.1
});

test("names a field by its index as soon as it is in the table", () => {
  const writer = new FieldWriter();
  writer.begin().field(te).field(type);
  expect(writer.begin().field(te).field(type).end()).toEqual(Buffer.from([0x80 | 63, 0x80 | 62]));
});

test("writes a field anew when newer ones have pushed it out", () => {
  const writer = new FieldWriter();
  writer.begin().field(te);
  const held = Math.floor((4_096 - te.tableBytes) / field("x", "0000000000").tableBytes);
  for (let i = 0; i < held; i++) writer.begin().field(field("x", String(i).padStart(10, "0")));
  expect(writer.begin().field(te).end()).not.toEqual(te.literal);
  writer.begin().field(field("x", "0000000000"));
  expect(writer.begin().field(te).end()).toEqual(te.literal);
  expect(writer.begin().field(te).end()).toEqual(Buffer.from([0x80 | 62]));
});
