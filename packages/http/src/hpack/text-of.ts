import { latin1 } from "../head/latin1.ts";

const { fromCharCode } = String;

/** Up to that length, V8 joins two strings by copying. */
const SHORT = 12;

/** The bytes as text, a character for each. Short ones are made without a call into C++, in half the time. */
export function textOf(bytes: Buffer, from: number, to: number): string {
  const length = to - from;
  if (length > SHORT) return latin1(bytes, from, to);
  if (length <= 4) return upToFour(bytes, from, length);
  if (length < 8) return four(bytes, from) + upToFour(bytes, from + 4, length - 4);
  const eight = fromCharCode(
    bytes[from]!,
    bytes[from + 1]!,
    bytes[from + 2]!,
    bytes[from + 3]!,
    bytes[from + 4]!,
    bytes[from + 5]!,
    bytes[from + 6]!,
    bytes[from + 7]!,
  );
  return length === 8 ? eight : eight + upToFour(bytes, from + 8, length - 8);
}

function upToFour(bytes: Buffer, at: number, length: number): string {
  switch (length) {
    case 0:
      return "";
    case 1:
      return fromCharCode(bytes[at]!);
    case 2:
      return fromCharCode(bytes[at]!, bytes[at + 1]!);
    case 3:
      return fromCharCode(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!);
    default:
      return four(bytes, at);
  }
}

function four(bytes: Buffer, at: number): string {
  return fromCharCode(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!);
}
