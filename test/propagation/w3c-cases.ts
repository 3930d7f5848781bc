/**
 * What the validation suite of W3C Trace Context checks, one entry for each of its 41 tests, in our own words and with
 * our own ids. Source: w3c/trace-context, test/test.py at acab820 (2026-06-30): levels 1 and 2, in its strict form.
 */
export interface W3cCase {
  /** What must hold, as a claim. */
  readonly title: string;
  /** It is about parents: it holds where a span is recorded for each request. */
  readonly ofSpans?: true;
  readonly requests: readonly W3cRequest[];
}

export interface W3cRequest {
  /** Header lines as they are sent: names, case, order and white space count. */
  readonly lines: Lines;
  /** Whether what goes on is the trace that was sent (`TRACE`), or another. */
  readonly trace: "kept" | "new";
  /** The members of `tracestate` that go on, in this order; undefined: nobody asks. */
  readonly state?: readonly string[];
  /** How many requests the service makes for the one it gets. Default 1. */
  readonly calls?: number;
  /** Level 2: the trace id stays known as random. */
  readonly random?: true;
}

export type Lines = readonly (readonly [name: string, value: string])[];

export const TRACE = "5a1c0de0000000000000000000c0ffee";
export const PARENT = "00c0ffee5a1c0de1";

const VALID = `00-${TRACE}-${PARENT}-00`;
const Z32 = "0".repeat(32);
const Z16 = "0".repeat(16);

export const W3C_CASES: readonly W3cCase[] = [
  begins("without any header", []),
  goesOn("with a traceparent alone", [["traceparent", `00-${TRACE}-${PARENT}-01`]]),
  begins("for two traceparents", [
    ["traceparent", `00-${TRACE}-${PARENT}-01`],
    ["traceparent", `00-${TRACE.slice(1)}f-${PARENT}-01`],
  ]),
  begins("for names that are nearly right", [["trace-parent", VALID]], [["trace.parent", VALID]]),
  goesOn("whatever the case of the name", [["TraceParent", VALID]], [["tRaCePaReNt", VALID]], [["TRACEPARENT", VALID]]),
  begins("for more than version 00 has", ...parents(`${VALID}.`, `${VALID}-as-later-versions-may-have`)),
  {
    title: "of a later version what version 00 has is read, and more behind a dash is let be",
    requests: [
      kept([["traceparent", `cc-${TRACE}-${PARENT}-01`]]),
      kept([["traceparent", `cc-${TRACE}-${PARENT}-01-as-later-versions-may-have`]]),
      fresh([["traceparent", `cc-${TRACE}-${PARENT}-01.as-later-versions-may-have`]]),
    ],
  },
  begins("for version ff", ...parents(`ff-${TRACE}-${PARENT}-01`)),
  begins("for a version that is no number", ...parents(`.0-${TRACE}-${PARENT}-01`, `0.-${TRACE}-${PARENT}-01`)),
  begins("for a version that is too long", ...parents(`000-${TRACE}-${PARENT}-01`, `0000-${TRACE}-${PARENT}-01`)),
  begins("for a version that is too short", ...parents(`0-${TRACE}-${PARENT}-01`)),
  begins("for a trace id of zeros", ...parents(`00-${Z32}-${PARENT}-01`)),
  begins(
    "for a trace id that is no number",
    ...parents(`00-.${TRACE.slice(1)}-${PARENT}-01`, `00-${TRACE.slice(1)}.-${PARENT}-01`),
  ),
  begins("for a trace id that is too long", ...parents(`00-${TRACE}3-${PARENT}-01`)),
  begins("for a trace id that is too short", ...parents(`00-${TRACE.slice(1)}-${PARENT}-01`)),
  begins("for a parent id of zeros", ...parents(`00-${TRACE}-${Z16}-01`)),
  begins(
    "for a parent id that is no number",
    ...parents(`00-${TRACE}-.${PARENT.slice(1)}-01`, `00-${TRACE}-${PARENT.slice(1)}.-01`),
  ),
  begins("for a parent id that is too long", ...parents(`00-${TRACE}-${PARENT}7-01`)),
  begins("for a parent id that is too short", ...parents(`00-${TRACE}-${PARENT.slice(1)}-01`)),
  begins("for flags that are no number", ...parents(`00-${TRACE}-${PARENT}-.0`, `00-${TRACE}-${PARENT}-0.`)),
  begins("for flags that are too long", ...parents(`00-${TRACE}-${PARENT}-001`)),
  begins("for flags that are too short", ...parents(`00-${TRACE}-${PARENT}-1`)),
  goesOn(
    "whatever white space stands around the traceparent",
    ...parents(` ${VALID}`, `\t${VALID}`, `${VALID} `, `${VALID}\t`, `\t ${VALID} \t`),
  ),
  {
    title: "a tracestate without a traceparent ends here",
    requests: [fresh([["tracestate", "a=1"]], []), fresh([["tracestate", "a=1,b=2"]], [])],
  },
  state("goes on with its traceparent", ["a=1", "b=2"], ["a=1,b=2"]),
  {
    title: "a tracestate under a name that is nearly right is none",
    requests: [
      kept(
        [
          ["traceparent", VALID],
          ["trace-state", "a=1"],
        ],
        [],
      ),
      kept(
        [
          ["traceparent", VALID],
          ["trace.state", "a=1"],
        ],
        [],
      ),
    ],
  },
  {
    title: "a tracestate goes on whatever the case of the name",
    requests: ["TraceState", "tRaCeStAtE", "TRACESTATE"].map((name) =>
      kept(
        [
          ["traceparent", VALID],
          [name, "a=1"],
        ],
        ["a=1"],
      ),
    ),
  },
  {
    title: "an empty tracestate is none, and hides no other",
    requests: [states([], ""), states(["a=1"], "a=1", ""), states(["a=1"], "", "a=1")],
  },
  state("of several lines goes on in their order", ["a=1", "b=2", "c=1", "d=2", "e=3"], ["a=1,b=2", "c=1,d=2", "e=3"]),
  {
    title: "a key that comes twice is no reason to drop the list",
    requests: [
      states(["a=1"], "a=1,a=1"),
      states(["a=1"], "a=1,a=2"),
      states(["a=1"], "a=1", "a=1"),
      states(["a=1"], "a=1", "a=2"),
    ],
  },
  {
    title: "every character that is allowed goes on",
    requests: ["", "@abcdefghijklmnopqrstuvwxyz0123456789_-*/"].map((system) => {
      const member = `abcdefghijklmnopqrstuvwxyz0123456789_-*/${system}=${allowedInValues()}`;
      return states([member], member);
    }),
  },
  {
    title: "white space around members, and around the whole, is none of them",
    requests: [
      states(["a=1", "b=2", "c=3"], "a=1 \t , \t b=2, \t c=3"),
      states(["a=1", "b=2", "c=3"], "a=1\t \t,\t \tb=2,\t \tc=3"),
      ...[" a=1", "\ta=1", "a=1 ", "a=1\t", "\t a=1 \t"].map((text) => states(["a=1"], text)),
    ],
  },
  {
    title: "a key with a wrong character drops the list",
    requests: [states([], "a =1"), states([], "A=1"), states([], "a.b=1")],
  },
  {
    title: "an at sign may stand anywhere in a key but in front",
    requests: [
      states(["a@=1", "b=2"], "a@=1,b=2"),
      states([], "@a=1,b=2"),
      states(["a@@b=1", "b=2"], "a@@b=1,b=2"),
      states(["a@b@c=1", "b=2"], "a@b@c=1,b=2"),
    ],
  },
  {
    title: "32 members go on, 33 are dropped",
    requests: [states(members(32), ...inLines(members(32))), states([], ...inLines(members(33)))],
  },
  {
    title: "a key has at most 256 characters, wherever its at sign stands",
    requests: [
      ...["k".repeat(256), `${"k".repeat(241)}@${"s".repeat(14)}`, `${"k".repeat(242)}@s`, `k@${"s".repeat(15)}`].map(
        (key) => states(["a=1", `${key}=1`], "a=1", `${key}=1`),
      ),
      states([], "a=1", `${"k".repeat(257)}=1`),
    ],
  },
  {
    title: "a value with an equals sign, or none at all, drops the list",
    requests: [states([], "a=b=c"), states([], "a=,b=3")],
  },
  {
    title: "requests for one request share its trace, each from a parent of its own",
    ofSpans: true,
    requests: [{ ...kept([["traceparent", `00-${TRACE}-${PARENT}-01`]]), calls: 3 }],
  },
  {
    title: "requests without a trace each have a parent of their own",
    ofSpans: true,
    requests: [{ ...fresh([]), calls: 3 }],
  },
  {
    title: "requests for one with a wrong trace each have a parent of their own, in another trace",
    ofSpans: true,
    requests: [{ ...fresh([["traceparent", `00-${Z32}-${PARENT}-01`]]), calls: 3 }],
  },
  {
    title: "a random trace id stays known as one",
    requests: [{ ...kept([["traceparent", `00-${TRACE}-${PARENT}-02`]]), random: true }],
  },
];

function goesOn(when: string, ...requests: readonly Lines[]): W3cCase {
  return { title: `a trace goes on ${when}`, requests: requests.map((lines) => kept(lines)) };
}

function begins(when: string, ...requests: readonly Lines[]): W3cCase {
  return { title: `a trace begins ${when}`, requests: requests.map((lines) => fresh(lines)) };
}

function state(how: string, wanted: readonly string[], lines: readonly string[]): W3cCase {
  return { title: `a tracestate ${how}`, requests: [states(wanted, ...lines)] };
}

function kept(lines: Lines, wanted?: readonly string[]): W3cRequest {
  return { lines, trace: "kept", ...(wanted === undefined ? {} : { state: wanted }) };
}

function fresh(lines: Lines, wanted?: readonly string[]): W3cRequest {
  return { lines, trace: "new", ...(wanted === undefined ? {} : { state: wanted }) };
}

/** A traceparent that is right, with these lines of tracestate. */
function states(wanted: readonly string[], ...lines: readonly string[]): W3cRequest {
  return kept([["traceparent", VALID], ...lines.map((line) => ["tracestate", line] as const)], wanted);
}

function parents(...values: readonly string[]): readonly Lines[] {
  return values.map((value) => [["traceparent", value]]);
}

function members(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `m${i + 1}=${i + 1}`);
}

/** Ten members to a line. */
function inLines(all: readonly string[]): readonly string[] {
  return [0, 10, 20, 30].map((from) => all.slice(from, from + 10).join(","));
}

/** Printable ASCII but for comma and equals sign; the space stands in front, where it counts. */
function allowedInValues(): string {
  const codes = Array.from({ length: 0x7f - 0x20 }, (_, i) => 0x20 + i);
  return codes
    .map((code) => String.fromCharCode(code))
    .filter((character) => character !== "," && character !== "=")
    .join("");
}
