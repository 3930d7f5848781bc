import { describe, expect, test } from "vitest";
import { propagation, type Propagation, type PropagationFormat, type Received } from "./propagation.ts";

const ALL: readonly PropagationFormat[] = ["tracecontext", "b3", "b3multi"];
const W3C = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };
const B3 = { traceId: "80f198ee56343ba864fe8b2a57d3eff7", spanId: "e457b5a2e4d86bd1" };
const MULTI = { traceId: "463ac35c9f6413ad48485a3953bb6124", spanId: "a2fb4a1d1a96d312" };
const OWN = { traceId: W3C.traceId, spanId: "00c0ffee00c0ffee", sampled: true, random: false };
const EVERY_FORM: Lines = {
  traceparent: `00-${W3C.traceId}-${W3C.spanId}-01`,
  b3: `${B3.traceId}-${B3.spanId}-0`,
  "x-b3-traceid": MULTI.traceId,
  "x-b3-spanid": MULTI.spanId,
  "x-b3-flags": "1",
};

type Lines = Readonly<Record<string, string>>;

describe("where the caller stands", () => {
  test.each<readonly [readonly PropagationFormat[], Partial<Received["parent"]> & object, boolean | undefined]>([
    [["tracecontext", "b3", "b3multi"], W3C, true],
    [["b3", "tracecontext"], B3, false],
    [["b3multi", "b3"], MULTI, true],
  ])("is read in the first form of %j", (extract, parent, sampled) => {
    const received = propagation({ extract, inject: [] }).extract(request(EVERY_FORM));
    expect(received.parent).toMatchObject(parent);
    expect(received.sampled).toBe(sampled);
  });

  test("is read in the next form when the first is wrong", () => {
    const lines = { ...EVERY_FORM, traceparent: "00-what-is-this", b3: "0-0" };
    expect(all().extract(request(lines)).parent).toMatchObject(MULTI);
  });

  test("is read wherever it stands before a mere decision counts", () => {
    const lines = { b3: "0", "x-b3-traceid": MULTI.traceId, "x-b3-spanid": MULTI.spanId };
    expect(all().extract(request(lines))).toMatchObject({ parent: MULTI, sampled: undefined });
  });

  test("is nowhere when only a decision came, which still holds", () => {
    expect(all().extract(request({ b3: "0" }))).toMatchObject({ parent: undefined, sampled: false });
    expect(all().extract(request({ b3: "d" }))).toMatchObject({ parent: undefined, sampled: true, debug: true });
  });

  test("is not read in a form that is not asked for, whose headers are left alone", () => {
    const plain = propagation({ extract: ["tracecontext"], inject: ["tracecontext"] });
    const received = plain.extract(request({ ...EVERY_FORM, traceparent: "" }));
    expect(received.parent).toBeUndefined();
    expect(plain.fields(received, OWN).others).toEqual([]);
  });
});

describe("what is sent on", () => {
  test("is a traceparent and nothing else when nothing else came", () => {
    expect(sent(all(), { traceparent: EVERY_FORM["traceparent"]! }, OWN)).toEqual({
      traceparent: `00-${W3C.traceId}-00c0ffee00c0ffee-01`,
    });
  });

  test.each([
    ["as it came, when nothing is to be said otherwise", "01", W3C, "01"],
    ["without flags that are not defined", "f5", W3C, "01"],
    ["of another span", "01", { spanId: "00c0ffee00c0ffee" }, "01"],
    ["of another trace", "01", { traceId: B3.traceId }, "01"],
    ["not sampled where nothing is recorded here", "01", { sampled: false }, "00"],
    ["random where that is known", "01", { random: true }, "03"],
  ])("is a context %s", (_how, flags, other, goesOn) => {
    const own = { ...W3C, sampled: true, random: false, ...other };
    const lines = { traceparent: `00-${W3C.traceId}-${W3C.spanId}-${flags}` };
    expect(sent(all(), lines, own)).toEqual({ traceparent: `00-${own.traceId}-${own.spanId}-${goesOn}` });
  });

  test("is every form in which something came, all saying the same", () => {
    expect(sent(all(), EVERY_FORM, { ...OWN, sampled: false })).toEqual({
      traceparent: `00-${W3C.traceId}-00c0ffee00c0ffee-00`,
      b3: `${W3C.traceId}-00c0ffee00c0ffee-0`,
      "x-b3-traceid": W3C.traceId,
      "x-b3-spanid": "00c0ffee00c0ffee",
      "x-b3-parentspanid": "",
      "x-b3-sampled": "0",
      "x-b3-flags": "",
    });
  });

  test("is every form that is configured", () => {
    const formats = propagation({ extract: ["tracecontext"], inject: ["b3", "b3multi"] });
    const names = [
      "traceparent",
      "b3",
      "x-b3-traceid",
      "x-b3-spanid",
      "x-b3-parentspanid",
      "x-b3-sampled",
      "x-b3-flags",
    ];
    expect(Object.keys(sent(formats, {}, OWN))).toEqual(names);
  });

  test("stands in place of a context that cannot be read", () => {
    expect(sent(all(), { b3: "what is this" }, OWN)["b3"]).toBe(`${W3C.traceId}-00c0ffee00c0ffee-1`);
  });

  test("says in B3 that the decision is open when it is, which Trace Context cannot say", () => {
    const open = { ...OWN, sampled: undefined };
    expect(sent(all(), { b3: `${B3.traceId}-${B3.spanId}` }, open)).toEqual({
      traceparent: `00-${W3C.traceId}-00c0ffee00c0ffee-00`,
      b3: `${W3C.traceId}-00c0ffee00c0ffee`,
    });
  });

  test("says that the trace is to be debugged when the caller did", () => {
    expect(sent(all(), { b3: `${B3.traceId}-${B3.spanId}-d` }, OWN)["b3"]).toBe(`${W3C.traceId}-00c0ffee00c0ffee-d`);
  });
});

describe("what goes with a trace", () => {
  const parent = { traceparent: EVERY_FORM["traceparent"]! };

  test.each<readonly [string, Lines, Lines]>([
    ["a state that is right is left alone", { ...parent, tracestate: "a=1" }, {}],
    ["a state that is wrong is taken away", { ...parent, tracestate: "a=1,B=2" }, { tracestate: "" }],
    ["an empty state is taken away", { ...parent, tracestate: "" }, { tracestate: "" }],
    ["a state is put in order", { ...parent, tracestate: "a=1,,a=0" }, { tracestate: "a=1" }],
    ["a state without its trace is taken away", { tracestate: "a=1" }, { tracestate: "" }],
    ["a state ends with a trace that is wrong", { traceparent: "00-1-2-3", tracestate: "a=1" }, { tracestate: "" }],
    ["baggage is left alone, also without a trace", { baggage: "a=1" }, {}],
    ["baggage is limited", { ...parent, baggage: `a=1,b=${"2".repeat(9_000)}` }, { baggage: "a=1" }],
  ])("%s", (_claim, lines, edits) => {
    const { traceparent: _, ...others } = sent(all(), lines, OWN);
    expect(others).toEqual(edits);
  });

  test("a state is taken away when another form is gone on with, and stays when that form tells of the same trace", () => {
    const b3First = propagation({ extract: ["b3", "tracecontext"], inject: [] });
    const other = { ...parent, tracestate: "a=1", b3: EVERY_FORM["b3"]! };
    expect(sent(b3First, other, OWN)["tracestate"]).toBe("");
    expect(sent(b3First, { ...other, b3: `${W3C.traceId}-${B3.spanId}-1` }, OWN)["tracestate"]).toBeUndefined();
  });
});

test("whatever comes, nothing throws, and what is sent can be read again", () => {
  const hostile = [
    "",
    "-",
    "0",
    "\u00ff".repeat(99),
    "a".repeat(2 ** 20),
    "-".repeat(999),
    ",".repeat(9_999),
    "=",
    "d",
  ];
  const names = [
    "traceparent",
    "tracestate",
    "baggage",
    "b3",
    "x-b3-traceid",
    "x-b3-spanid",
    "x-b3-sampled",
    "x-b3-flags",
  ];
  for (const value of hostile) {
    for (let set = 1; set < 1 << names.length; set++) {
      const lines = Object.fromEntries(names.filter((_, i) => (set & (1 << i)) !== 0).map((name) => [name, value]));
      const again = all().extract(request({ ...lines, ...sent(all(), lines, OWN) }));
      expect(again.parent).toMatchObject({ traceId: OWN.traceId, spanId: OWN.spanId });
    }
  }
});

function all(): Propagation {
  return propagation({ extract: ALL, inject: ["tracecontext"] });
}

/** What is set, and as "" what is taken away. */
function sent(formats: Propagation, lines: Lines, own: typeof OWN | { sampled: undefined }): Lines {
  const { traceparent, others } = formats.fields(formats.extract(request(lines)), { ...OWN, ...own });
  const pairs = others.flatMap((name, i) => (i % 2 === 0 ? [[name, others[i + 1]!] as const] : []));
  return { traceparent, ...Object.fromEntries(pairs) };
}

function request(lines: Lines): { header(name: string): string | undefined } {
  return { header: (name) => lines[name] };
}
