import { block, get, type Pair, post, request, status } from "../field-block.ts";
import { data, headers } from "../frames.ts";
import { answered, connectionError, IGNORED, type Rule, streamError, type Verdict } from "../rule.ts";

const TRAILERS = block(["x-sum", "5"]);
const MALFORMED = streamError("PROTOCOL_ERROR");

/** A request that comes whole in HEADERS, and what weft makes of it as a server. */
function asked(section: string, when: string, fields: Buffer, verdict: Verdict = MALFORMED): Rule {
  return {
    section,
    when,
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) => headers(stream, fields, { end: true }),
    verdict,
  };
}

/** A response that comes whole in HEADERS, and what weft makes of it as a client. */
function replied(section: string, when: string, fields: Buffer, verdict: Verdict = MALFORMED): Rule {
  return {
    section,
    when,
    state: "waiting",
    roles: ["client"],
    sends: ({ stream }) => headers(stream, fields),
    verdict,
  };
}

/** The same field in a request and in a response. */
function field(section: string, when: string, ...pairs: readonly Pair[]): Rule[] {
  return [
    asked(section, `${when}, in a request`, get("/ok", ...pairs)),
    replied(section, `${when}, in a response`, status(200, ...pairs)),
  ];
}

/** RFC 9113 8.1: how frames make messages. */
export const FRAMING: readonly Rule[] = [
  {
    section: "8.1",
    when: "a body and trailers",
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) =>
      Buffer.concat([headers(stream, post("/echo")), data(stream, "hi"), headers(stream, TRAILERS, { end: true })]),
    verdict: answered(200),
  },
  {
    section: "8.1",
    when: "HEADERS a second time without END_STREAM",
    sends: ({ stream }) => headers(stream, TRAILERS),
    verdict: MALFORMED,
  },
  {
    section: "8.1",
    when: "DATA behind trailers",
    roles: ["server"],
    sends: ({ stream }) => Buffer.concat([headers(stream, TRAILERS, { end: true }), data(stream, "x")]),
    verdict: streamError("STREAM_CLOSED"),
  },
  {
    section: "8.1",
    when: "trailers a second time",
    roles: ["server"],
    sends: ({ stream }) =>
      Buffer.concat([headers(stream, TRAILERS, { end: true }), headers(stream, TRAILERS, { end: true })]),
    verdict: streamError("STREAM_CLOSED"),
  },
  {
    section: "8.1",
    when: "a pseudo-header in trailers",
    sends: ({ stream }) => headers(stream, block(["x-sum", "5"], [":path", "/"]), { end: true }),
    verdict: MALFORMED,
  },
  {
    section: "8.1",
    when: ":status in trailers",
    sends: ({ stream }) => headers(stream, block([":status", "200"]), { end: true }),
    verdict: MALFORMED,
  },
  {
    section: "8.1",
    when: "interim answers before the final one",
    state: "waiting",
    roles: ["client"],
    sends: ({ stream }) =>
      Buffer.concat([
        headers(stream, status(100)),
        headers(stream, status(103, ["link", "</a>"])),
        headers(stream, status(103)),
        headers(stream, status(200)),
      ]),
    verdict: IGNORED,
  },
  {
    section: "8.1",
    when: "an interim answer with END_STREAM",
    state: "waiting",
    roles: ["client"],
    sends: ({ stream }) => headers(stream, status(103), { end: true }),
    verdict: MALFORMED,
  },
  {
    section: "8.1",
    when: "an interim answer behind the final one",
    roles: ["client"],
    sends: ({ stream }) => headers(stream, status(103)),
    verdict: MALFORMED,
  },
  {
    section: "8.1",
    when: "DATA before HEADERS of the answer",
    state: "waiting",
    roles: ["client"],
    sends: ({ stream }) => data(stream, "x"),
    verdict: MALFORMED,
  },
  {
    section: "8.1",
    when: "DATA behind an interim answer",
    state: "waiting",
    roles: ["client"],
    sends: ({ stream }) => Buffer.concat([headers(stream, status(103)), data(stream, "x")]),
    verdict: MALFORMED,
  },
  {
    section: "8.1",
    when: "END_STREAM without an answer",
    state: "waiting",
    roles: ["client"],
    sends: ({ stream }) => data(stream, "", { end: true }),
    verdict: MALFORMED,
  },
  // 8.1.1: lengths.
  {
    section: "8.1.1",
    when: "less content than Content-Length says",
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) =>
      Buffer.concat([headers(stream, post("/hold", ["content-length", "5"])), data(stream, "four", { end: true })]),
    verdict: MALFORMED,
  },
  {
    section: "8.1.1",
    when: "more content than Content-Length says",
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) =>
      Buffer.concat([headers(stream, post("/hold", ["content-length", "3"])), data(stream, "four", { end: true })]),
    verdict: MALFORMED,
  },
  {
    section: "8.1.1",
    when: "more content than Content-Length says, in two DATA frames",
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) =>
      Buffer.concat([
        headers(stream, post("/hold", ["content-length", "6"])),
        data(stream, "four"),
        data(stream, "four", { end: true }),
      ]),
    verdict: MALFORMED,
  },
  {
    section: "8.1.1",
    when: "more content than Content-Length says, without an end",
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) =>
      Buffer.concat([headers(stream, post("/hold", ["content-length", "3"])), data(stream, "four")]),
    verdict: MALFORMED,
  },
  {
    section: "8.1.1",
    when: "less content than Content-Length says, and trailers",
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) =>
      Buffer.concat([
        headers(stream, post("/hold", ["content-length", "5"])),
        data(stream, "four"),
        headers(stream, TRAILERS, { end: true }),
      ]),
    verdict: MALFORMED,
  },
  {
    section: "8.1.1",
    when: "as much content as Content-Length says, in two padded DATA frames",
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) =>
      Buffer.concat([
        headers(stream, post("/echo", ["content-length", "8"])),
        data(stream, "four", { pad: 9 }),
        data(stream, "four", { pad: 0, end: true }),
      ]),
    verdict: answered(200),
  },
  asked("8.1.1", "Content-Length of 5, and the end in HEADERS", post("/hold", ["content-length", "5"])),
  asked("8.1.1", "Content-Length of 0, and the end in HEADERS", post("/ok", ["content-length", "0"]), answered(200)),
  {
    section: "8.1.1",
    when: "an answer with less content than Content-Length says",
    state: "waiting",
    roles: ["client"],
    sends: ({ stream }) =>
      Buffer.concat([headers(stream, status(200, ["content-length", "5"])), data(stream, "four", { end: true })]),
    verdict: MALFORMED,
  },
  {
    section: "8.1.1",
    when: "an answer with more content than Content-Length says",
    state: "waiting",
    roles: ["client"],
    sends: ({ stream }) => Buffer.concat([headers(stream, status(200, ["content-length", "3"])), data(stream, "four")]),
    verdict: MALFORMED,
  },
  ...[
    ["is no number", "five"],
    ["has a sign", "+5"],
    ["is empty", ""],
    ["is a list of two", "5, 6"],
    ["is too large to count", "99999999999999999999"],
  ].flatMap(([what, value = ""]) => field("8.1.1", `Content-Length that ${what}`, ["content-length", value])),
  ...field("8.1.1", "two Content-Lengths that differ", ["content-length", "0"], ["content-length", "1"]),
];

/** A byte by its name. */
function byteName(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`;
}

/** RFC 9113 8.2: fields. */
export const FIELDS: readonly Rule[] = [
  ...field("8.2", "a name with an upper-case letter", ["X-name", "v"]),
  ...field("8.2.1", "an empty name", ["", "v"]),
  ...[0x00, 0x09, 0x0a, 0x0d, 0x20, 0x22, 0x28, 0x2c, 0x2f, 0x3a, 0x41, 0x5a, 0x5b, 0x7b, 0x7f, 0x80, 0xff].flatMap(
    (byte) => field("8.2.1", `a name with the byte ${byteName(byte)}`, [`x${String.fromCharCode(byte)}a`, "v"]),
  ),
  ...[0x00, 0x0a, 0x0d, 0x01, 0x1f, 0x7f].flatMap((byte) =>
    field("8.2.1", `a value with the byte ${byteName(byte)}`, ["x-a", `v${String.fromCharCode(byte)}v`]),
  ),
  ...[
    ["begins with a space", " v"],
    ["begins with a tab", "\tv"],
    ["ends with a space", "v "],
    ["ends with a tab", "v\t"],
    ["is a space", " "],
  ].flatMap(([what, value = ""]) => field("8.2.1", `a value that ${what}`, ["x-a", value])),
  asked("8.2.1", "an empty value", get("/ok", ["x-a", ""]), answered(200)),
  asked(
    "8.2.1",
    "a value with a tab and bytes beyond ASCII inside",
    get("/ok", ["x-a", "a\tb\x80\xff"]),
    answered(200),
  ),
  asked("8.2.1", "a name of every other character of a token", get("/ok", ["!#$%&'*+-.^`|~09az", "v"]), answered(200)),
  ...[
    ["connection", "close"],
    ["keep-alive", "timeout=5"],
    ["proxy-connection", "keep-alive"],
    ["transfer-encoding", "chunked"],
    ["upgrade", "websocket"],
  ].flatMap(([name = "", value = ""]) => field("8.2.2", name, [name, value])),
  asked("8.2.2", "te: trailers", get("/ok", ["te", "trailers"]), answered(200)),
  asked("8.2.2", "te: gzip", get("/ok", ["te", "gzip"])),
  asked("8.2.2", "te: trailers, gzip", get("/ok", ["te", "trailers, gzip"])),
  {
    section: "8.2.2",
    when: "connection in trailers",
    sends: ({ stream }) => headers(stream, block(["connection", "close"]), { end: true }),
    verdict: MALFORMED,
  },
  {
    section: "8.2.1",
    when: "an upper-case name in trailers",
    sends: ({ stream }) => headers(stream, block(["X-Sum", "5"]), { end: true }),
    verdict: MALFORMED,
  },
  {
    section: "8.2.1",
    when: "a value with CR and LF in trailers",
    sends: ({ stream }) => headers(stream, block(["x-sum", "5\r\nhost: b"]), { end: true }),
    verdict: MALFORMED,
  },
];

const M: Pair = [":method", "GET"];
const S: Pair = [":scheme", "http"];
const A: Pair = [":authority", "a"];
const P: Pair = [":path", "/ok"];

/** RFC 9113 8.3: pseudo-headers. */
export const PSEUDO_HEADERS: readonly Rule[] = [
  asked("8.3", "a pseudo-header that nobody knows", block(M, S, A, P, [":test", "x"])),
  asked("8.3", "a pseudo-header without a name", block(M, S, A, P, [":", "x"])),
  asked("8.3", ":status in a request", block(M, S, A, P, [":status", "200"])),
  asked("8.3", "a pseudo-header behind a field", block(M, S, A, ["x-a", "v"], P)),
  asked("8.3", ":method twice", block(M, M, S, A, P)),
  asked("8.3", ":scheme twice", block(M, S, S, A, P)),
  asked("8.3", ":path twice", block(M, S, A, P, P)),
  asked("8.3", ":authority twice", block(M, S, A, A, P)),
  asked("8.3", "a pseudo-header in upper case", block(M, S, A, [":Path", "/ok"])),
  replied("8.3", ":path in a response", status(200, [":path", "/"])),
  replied("8.3", ":status twice", status(200, [":status", "200"])),
  replied("8.3", ":status behind a field", block(["x-a", "v"], [":status", "200"])),
  asked("8.3.1", "pseudo-headers in any order", block(P, A, S, M), answered(200)),
  asked("8.3.1", "no :method", block(S, A, P)),
  asked("8.3.1", "no :scheme", block(M, A, P)),
  asked("8.3.1", "no :path", block(M, S, A)),
  asked("8.3.1", "an empty :method", block([":method", ""], S, A, P)),
  asked("8.3.1", "an empty :path", block(M, S, A, [":path", ""])),
  asked("8.3.1", "no pseudo-header at all", block(["host", "a"])),
  asked("8.3.1", "a block without fields", block()),
  asked("8.3.1", "OPTIONS with the :path *", block([":method", "OPTIONS"], S, A, [":path", "*"]), answered(200)),
  asked("8.3.1", "GET with the :path *", block(M, S, A, [":path", "*"])),
  asked("8.3.1", "no :authority, and Host in its place", block(M, S, P, ["host", "a"]), answered(200)),
  asked("8.3.1", "the same :authority and Host", get("/ok", ["host", "a"]), answered(200)),
  asked("8.3.1", "a Host that differs from :authority", get("/ok", ["host", "b"])),
  asked("8.3.1", "two Hosts without :authority", block(M, S, P, ["host", "a"], ["host", "b"])),
  asked("8.3.1", "user information in :authority", block(M, S, [":authority", "me@a"], P)),
  asked("8.3.1", "an empty :authority", block(M, S, [":authority", ""], P)),
  ...[
    ["a space in :method", block([":method", "GE T"], S, A, P)],
    ["a line end in :method", block([":method", "GET / HTTP/1.1\r\nx: y\r\n\r\nGET"], S, A, P)],
    ["a space in :path", block(M, S, A, [":path", "/a b"])],
    ["a line end in :path", block(M, S, A, [":path", "/ HTTP/1.1\r\nx: y"])],
    ["a :path that does not begin with a slash", block(M, S, A, [":path", "ok"])],
    ["a :path that is a whole URI", block(M, S, A, [":path", "http://b/ok"])],
    ["a fragment in :path", block(M, S, A, [":path", "/ok#here"])],
    ["a byte beyond ASCII in :path", block(M, S, A, [":path", "/\xff"])],
    ["a space in :authority", block(M, S, [":authority", "a b"], P)],
    ["a slash in :authority", block(M, S, [":authority", "a/b"], P)],
    ["a line end in :authority", block(M, S, [":authority", "a\r\nx: y"], P)],
    ["a line end in :scheme", block(M, [":scheme", "http\r\n"], A, P)],
  ].map(([when, fields]) => asked("8.3.1", when as string, fields as Buffer)), // by the rows above
  replied("8.3.2", "no :status", block(["x-a", "v"])),
  replied("8.3.2", "a block without fields", block()),
  ...["", "20", "2000", "20x", "+20", "099", "600", " 200"].map((value) =>
    replied("8.3.2", `:status of ${JSON.stringify(value)}`, status(value)),
  ),
  replied("8.6", ":status of 101", status(101)),
  // 8.5: CONNECT.
  asked("8.5", "CONNECT with :authority alone", block([":method", "CONNECT"], [":authority", "a:80"]), answered(200)),
  asked("8.5", "CONNECT with :path", block([":method", "CONNECT"], [":authority", "a:80"], [":path", "/"])),
  asked("8.5", "CONNECT with :scheme", block([":method", "CONNECT"], [":authority", "a:80"], [":scheme", "http"])),
  asked("8.5", "CONNECT with :scheme and :path", block([":method", "CONNECT"], S, [":authority", "a:80"], P)),
  asked("8.5", "CONNECT without :authority", block([":method", "CONNECT"], ["host", "a:80"])),
  asked("8.5", "CONNECT without a port", block([":method", "CONNECT"], [":authority", "a"])),
  // RFC 8441: CONNECT with a protocol.
  asked(
    "RFC 8441 4",
    "CONNECT with :protocol, :scheme, :path and :authority",
    block([":method", "CONNECT"], [":protocol", "websocket"], S, P, A),
    answered(200),
  ),
  asked("RFC 8441 4", "CONNECT with :protocol, without :path", block([":method", "CONNECT"], [":protocol", "x"], S, A)),
  asked(
    "RFC 8441 4",
    "CONNECT with :protocol, without :scheme",
    block([":method", "CONNECT"], [":protocol", "x"], P, A),
  ),
  asked(
    "RFC 8441 4",
    "CONNECT with :protocol, without :authority",
    block([":method", "CONNECT"], [":protocol", "x"], S, P),
  ),
  asked("RFC 8441 4", "GET with :protocol", block(M, [":protocol", "websocket"], S, A, P)),
  asked(
    "RFC 8441 4",
    "CONNECT with :protocol twice",
    block([":method", "CONNECT"], [":protocol", "x"], [":protocol", "x"], S, P, A),
  ),
  replied("RFC 8441 4", ":protocol in a response", status(200, [":protocol", "x"])),
  asked(
    "10.5.1",
    "a request of 101 fields",
    request("GET", "/ok", ...Array.from({ length: 101 }, (_, i): Pair => [`x-${i}`, "v"])),
    answered(431),
  ),
];

/** The state that a message leaves behind is right: what is malformed is decoded all the same. */
export const STANDING: readonly Rule[] = [
  {
    section: "8.1.1",
    when: "HEADERS of a malformed request, then DATA of it",
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) =>
      Buffer.concat([headers(stream, post("/ok", ["X-Up", "v"])), data(stream, "x", { end: true })]),
    verdict: MALFORMED,
  },
  {
    section: "8.1.1",
    when: "a block that cannot be decoded behind a malformed field",
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) => headers(stream, Buffer.concat([get("/ok", ["X-Up", "v"]), Buffer.of(0x80)]), { end: true }),
    verdict: connectionError("COMPRESSION_ERROR"),
  },
];
