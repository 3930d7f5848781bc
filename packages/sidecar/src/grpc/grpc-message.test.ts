import { expect, test } from "vitest";
import { grpcMessage } from "./grpc-message.ts";

test.each([
  ["no endpoint is known", "no endpoint is known"],
  ["", ""],
  ["50 % of them", "50 %25 of them"],
  ["über", "%C3%BCber"],
  ["two\r\nlines", "two%0D%0Alines"],
  ["\u{1f9f5} and \x7f", "%F0%9F%A7%B5 and %7F"],
  [" blanks ", "blanks"],
])("%j is sent as %j, which is read as it was", (text, value) => {
  expect(grpcMessage(text)).toBe(value);
  expect(decodeURIComponent(value)).toBe(text.trim());
});
