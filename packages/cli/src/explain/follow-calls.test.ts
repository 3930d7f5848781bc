import { expect, test } from "vitest";
import type { AdminAnswer } from "./ask-admin.ts";
import { followCalls } from "./follow-calls.ts";

const FIRST = "2026-09-21T14:00:00.000Z";
const SECOND = "2026-09-21T15:00:00.000Z";

function told(newest: number, ...texts: readonly string[]): AdminAnswer {
  return { kind: "answered", body: { began: FIRST, newest, calls: texts.map((text) => ({ text })) } };
}

const away: AdminAnswer = { kind: "failed", why: "nobody listens" };

/** Follows through these answers, and is stopped after the last. */
async function follow(answers: readonly AdminAnswer[]): Promise<{
  readonly code: number;
  readonly asked: readonly string[];
  readonly lines: readonly string[];
  readonly said: readonly string[];
  readonly pauses: number;
}> {
  const left = [...answers];
  const [asked, lines, said]: string[][] = [[], [], []];
  let pauses = 0;
  const code = await followCalls("/explain?format=json&failed=true", {
    ask: (path) => {
      asked!.push(path);
      return Promise.resolve(left.shift()!);
    },
    tell: (calls) => void lines!.push(...calls.map(({ text }) => text)),
    say: (what) => void said!.push(what),
    pause: () => Promise.resolve(void pauses++),
    stopped: () => left.length === 0,
  });
  return { code, asked: asked!, lines: lines!, said: said!, pauses };
}

test("tells those that there are, and then each that came since, once", async () => {
  const { code, asked, lines, said } = await follow([told(7, "a", "b"), told(7), told(9, "c")]);
  expect(lines).toEqual(["a", "b", "c"]);
  expect(asked).toEqual([
    "/explain?format=json&failed=true&since=0",
    "/explain?format=json&failed=true&since=7&last=256",
    "/explain?format=json&failed=true&since=7&last=256",
  ]);
  expect([code, said]).toEqual([0, []]);
});

test("waits for a sidecar that goes away, says so once, and goes on where it was", async () => {
  const { code, asked, lines, said } = await follow([told(7, "a"), away, away, told(8, "b")]);
  expect([code, lines]).toEqual([0, ["a", "b"]]);
  expect(said).toEqual(["nobody listens; waiting", "answers again"]);
  expect(asked.at(-1)).toContain("since=7");
});

test("tells a sidecar that was started anew from its beginning, whatever its numbers are", async () => {
  const anew = { kind: "answered", body: { began: SECOND, newest: 90, calls: [] } } as const;
  const whole = { kind: "answered", body: { began: SECOND, newest: 90, calls: [{ text: "b" }] } } as const;
  const { asked, lines, said } = await follow([told(7, "a"), away, anew, whole]);
  expect(lines).toEqual(["a", "b"]);
  expect(said).toEqual(["nobody listens; waiting", "the sidecar was started anew"]);
  expect(asked.at(-1)).toContain("since=0");
});

test("asks two sidecars that answer by turns no faster than one", async () => {
  const other = { kind: "answered", body: { began: SECOND, newest: 5, calls: [] } } as const;
  const { asked, pauses } = await follow([told(7), other, told(7), other, told(7)]);
  expect(pauses).toBe(asked.length);
});

test("ends with 1 where nobody answers the first question, or somebody else", async () => {
  expect(await follow([away, told(1)])).toMatchObject({ code: 1, said: ["nobody listens"] });
  const refused = await follow([{ kind: "refused", status: 404, detail: 'there is no service "oders"' }, told(1)]);
  expect(refused).toMatchObject({ code: 1, said: ['there is no service "oders"'] });
  const odd = await follow([{ kind: "answered", body: {} }, told(1)]);
  expect(odd).toMatchObject({ code: 1, said: ["the answer is none of this version of weft"] });
});

test("says when more came than one answer has", async () => {
  const many = Array.from({ length: 256 }, (_, at) => String(at));
  expect(await follow([told(7), told(900, ...many)])).toMatchObject({
    said: ["more came than the 256 that are shown"],
  });
});
