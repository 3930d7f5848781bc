import { propagation, randomSpanId, randomTraceId } from "@weft/telemetry";
import { describe, expect, test } from "vitest";
import { type Carrier, judgeCarried } from "./judge-carried.ts";
import { type Lines, W3C_CASES } from "./w3c-cases.ts";

const FORMATS = propagation({ extract: ["tracecontext", "b3", "b3multi"], inject: ["tracecontext"] });

/** Nothing but the functions, between lines as they come and lines as they are sent. */
const FUNCTIONS: Carrier = {
  carry: (lines, calls) => Promise.resolve(Array.from({ length: calls }, () => sentOn(lines))),
};

test("there is a case for each of the 41 tests of the W3C's suite", () => {
  expect(W3C_CASES).toHaveLength(41);
  expect(new Set(W3C_CASES.map(({ title }) => title)).size).toBe(41);
});

describe.each(W3C_CASES)("$title", ({ requests }) => {
  test.each(requests.map((request) => [JSON.stringify(request.lines), request] as const))("%s", async (_, request) => {
    await judgeCarried(FUNCTIONS, request, { spans: true });
  });
});

function sentOn(lines: Lines): Lines {
  const values = (name: string): readonly string[] =>
    lines.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value.replace(/^[ \t]+|[ \t]+$/g, ""));
  const header = (name: string): string | undefined => values(name).join(", ") || undefined;
  const received = FORMATS.extract({ header });
  const own = {
    traceId: received.parent?.traceId ?? randomTraceId(),
    spanId: randomSpanId(),
    sampled: received.sampled,
    random: received.parent?.random ?? true,
  };
  const { traceparent, others } = FORMATS.fields(received, own);
  const changed = new Set(["traceparent", ...others.filter((_, i) => i % 2 === 0)]);
  const sent = lines.filter(([name]) => !changed.has(name.toLowerCase()));
  for (let i = 0; i < others.length; i += 2) if (others[i + 1] !== "") sent.push([others[i]!, others[i + 1]!]);
  return [["traceparent", traceparent], ...sent];
}
