import { expect } from "vitest";
import { type Lines, PARENT, TRACE, type W3cRequest } from "./w3c-cases.ts";

/** What lies between the one who sends and the one who is asked in the end. */
export interface Carrier {
  /** Sends a request that makes the service behind it send `calls` of its own. @returns what lines each of them had */
  carry(lines: Lines, calls: number): Promise<readonly Lines[]>;
}

export interface Judging {
  /** Whether spans are recorded on the way, so that each request comes from a span of its own. */
  readonly spans: boolean;
}

/** Sends the request of a case, and says by `expect` whether what comes out is what must. */
export async function judgeCarried(carrier: Carrier, request: W3cRequest, { spans }: Judging): Promise<void> {
  const { lines, trace, state, calls = 1, random } = request;
  const carried = await carrier.carry(lines, calls);
  expect(carried).toHaveLength(calls);
  const parents = carried.map(parentOf);
  for (const { traceId, spanId, flags } of parents) {
    if (trace === "kept") expect(traceId).toBe(TRACE);
    else expect(lines.map(([, value]) => value).join(" ")).not.toContain(traceId);
    if (spans) expect(spanId).not.toBe(PARENT);
    if (random === true) expect(flags & 0x02).toBe(0x02);
  }
  if (spans) expect(new Set(parents.map(({ spanId }) => spanId)).size).toBe(calls);
  if (state !== undefined) for (const each of carried) expect(membersOf(each)).toEqual(state);
}

/** The one traceparent, which must be right. */
function parentOf(lines: Lines): { readonly traceId: string; readonly spanId: string; readonly flags: number } {
  const values = valuesOf(lines, "traceparent");
  expect(values).toHaveLength(1);
  const parts = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/.exec(values[0]!);
  expect(parts, values[0]).not.toBeNull();
  const [, traceId = "", spanId = "", flags = ""] = parts ?? [];
  return { traceId, spanId, flags: Number.parseInt(flags, 16) };
}

/** Those of all lines, in their order, as a reader has them that lets empty ones be. */
function membersOf(lines: Lines): readonly string[] {
  const text = valuesOf(lines, "tracestate").join(",");
  return text
    .split(",")
    .map((member) => member.replace(/^[ \t]+|[ \t]+$/g, ""))
    .filter((member) => member !== "");
}

function valuesOf(lines: Lines, name: string): readonly string[] {
  return lines.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
}
