import { readByLlhttp } from "./llhttp.ts";
import type { Message, Reading, Stream } from "./message.ts";
import { inCommonWords, isSameReading, readByUs } from "./our-reading.ts";
import { OTHERS, STRICTER } from "./standing-differences.ts";

/** How two readers stand to each other on one stream. */
export type Verdict =
  /** The same messages; whether and why reading ended is a matter of each. */
  | { readonly kind: "same"; readonly messages: number; readonly refused: boolean }
  /** A difference that stands in the table, by its rule or name. */
  | { readonly kind: "standing"; readonly row: string }
  /** A difference that nobody has looked at. */
  | { readonly kind: "new"; readonly what: string; readonly ours: Reading; readonly theirs: Reading };

/**
 * Holds our reading against llhttp's: message by message up to the first that one of them does not take. What llhttp
 * refuses we must not take; what both take must be the same message.
 */
export function compare(stream: Stream): Verdict {
  const theirs = readByLlhttp(stream);
  const ours = inCommonWords(readByUs(stream, Buffer.from(stream.text, "latin1"), []));
  for (let i = 0; ; i++) {
    const mine = ours.messages[i];
    const other = theirs.messages[i];
    if (mine === undefined && other === undefined) break;
    if (mine !== undefined && other !== undefined && isSame(mine, other)) continue;
    const row = mine === undefined ? stricterRow(stream, ours) : otherRow(mine, other ?? theirs.end, stream.text);
    if (row !== undefined) return { kind: "standing", row };
    const what =
      mine === undefined
        ? `${ours.end}, taken by llhttp`
        : `taken, ${other === undefined ? theirs.end : "otherwise"} by llhttp`;
    return { kind: "new", what, ours, theirs };
  }
  return { kind: "same", messages: ours.messages.length, refused: ours.end !== "more" && ours.end !== "over" };
}

/**
 * Reads the stream in pieces.
 *
 * @returns what is different from reading it in one piece; undefined when nothing is
 */
export function differsInPieces(stream: Stream, listOfCuts: Iterable<readonly number[]>): string | undefined {
  const bytes = Buffer.from(stream.text, "latin1");
  const whole = readByUs(stream, bytes, []);
  for (const cuts of listOfCuts) {
    const pieces = readByUs(stream, bytes, cuts);
    if (isSameReading(pieces, whole)) continue;
    return `cut at ${cuts.join(", ")}: ${JSON.stringify(inCommonWords(pieces))}; whole: ${JSON.stringify(inCommonWords(whole))}`;
  }
  return undefined;
}

/** Every way to cut so many bytes in two. */
export function* everyCut(length: number): Generator<readonly number[]> {
  for (let at = 1; at < length; at++) yield [at];
}

function isSame(one: Message, other: Message): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function stricterRow(stream: Stream, ours: Reading): string | undefined {
  const bytes = stream.text.slice(ours.endAt);
  return STRICTER.find(({ rule, holds }) => rule === ours.end && (holds === undefined || holds(bytes)))?.rule;
}

function otherRow(mine: Message, theirs: Message | string, bytes: string): string | undefined {
  return OTHERS.find(({ holds }) => holds(mine, theirs, bytes))?.name;
}
