import type { LiteralField } from "./literal-block.suite.ts";

/** A block that breaks one rule, and the code of that rule. */
export interface RefusedBlock {
  /** Section of RFC 9113 where no other is named, and what is wrong. */
  readonly what: string;
  readonly fields: readonly LiteralField[];
  readonly code: string;
}

const METHOD: LiteralField = [":method", "GET"];
const SCHEME: LiteralField = [":scheme", "http"];
const AUTHORITY: LiteralField = [":authority", "a"];
const PATH: LiteralField = [":path", "/"];

/** A right request but for these fields, which stand behind its pseudo-headers. */
export const withFields = (...fields: readonly LiteralField[]): readonly LiteralField[] => [
  METHOD,
  SCHEME,
  AUTHORITY,
  PATH,
  ...fields,
];

/** A right request with another value of one pseudo-header, or, when there is none, without it. */
export function withPseudo(name: string, value?: string): readonly LiteralField[] {
  const others = [METHOD, SCHEME, AUTHORITY, PATH].filter(([other]) => other !== name);
  return value === undefined ? others : [[name, value], ...others];
}

const named = (what: string, code: string, ...fields: readonly LiteralField[]): RefusedBlock => ({
  what,
  code,
  fields: withFields(...fields),
});
const pseudo = (what: string, code: string, name: string, value?: string): RefusedBlock => ({
  what,
  code,
  fields: withPseudo(name, value),
});

const CONTROLS = ["\0", "\x01", "\n", "\r", "\x0b", "\x1f", "\x7f"];

/** Blocks of requests that are malformed: PROTOCOL_ERROR of the stream. */
export const MALFORMED_REQUESTS: readonly RefusedBlock[] = [
  named("8.2.1: an upper-case letter in a name", "field-name", ["X-a", "b"]),
  named("8.2.1: an upper-case letter in a known name", "field-name", ["Accept", "b"]),
  named("8.2.1: a space in a name", "field-name", ["x a", "b"]),
  named("8.2.1: a colon in a name", "field-name", ["x:a", "b"]),
  named("8.2.1: a line end in a name", "field-name", ["x\r\na", "b"]),
  named("8.2.1: a byte beyond ASCII in a name", "field-name", ["x\xe4", "b"]),
  named("8.2.1: DEL in a name", "field-name", ["x\x7f", "b"]),
  named("8.2.1: NUL in a name", "field-name", ["x\0", "b"]),
  named("8.2.1: a name that is empty", "field-name", ["", "b"]),
  named("8.2.1: a name that is no token", "field-name", ["x(a)", "b"]),
  ...CONTROLS.map((char) => named(`8.2.1: ${JSON.stringify(char)} in a value`, "field-value", ["x-a", `b${char}c`])),
  named("8.2.1: CR LF in the value of a known name", "field-value", ["accept", "b\r\nc: d"]),
  named("8.2.1: LF in the value of a slot", "field-value", ["traceparent", "b\nc"]),
  named("8.2.1: a space in front of a value", "blank-around-value", ["x-a", " b"]),
  named("8.2.1: a tab in front of a value", "blank-around-value", ["accept", "\tb"]),
  named("8.2.1: a space behind a value", "blank-around-value", ["x-a", "b "]),
  named("8.2.1: a value that is a space", "blank-around-value", ["x-a", " "]),

  ...["connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade"].map((name) =>
    named(`8.2.2: ${name}`, "connection-field", [name, "a"]),
  ),
  named("8.2.2: TE with a coding", "te", ["te", "gzip"]),
  named("8.2.2: TE with a coding beside trailers", "te", ["te", "trailers, gzip"]),
  named("8.2.2: an empty TE", "te", ["te", ""]),
  named("8.2.2: TE twice", "te", ["te", "trailers"], ["te", "trailers"]),

  named("8.3: a pseudo-header behind a field", "pseudo-late", ["a", "b"], [":protocol", "x"]),
  { what: "8.3: :path behind a field", code: "pseudo-late", fields: [METHOD, SCHEME, ["a", "b"], AUTHORITY, PATH] },
  named("8.3: :path twice", "pseudo-twice", [":path", "/"]),
  named("8.3: :method twice, with the same value", "pseudo-twice", [":method", "GET"]),
  named("8.3: a pseudo-header of responses", "pseudo-unknown", [":status", "200"]),
  named("8.3: a pseudo-header that nobody knows", "pseudo-unknown", [":x", "a"]),
  named("8.3: a colon for a name", "pseudo-unknown", [":", "a"]),

  pseudo("8.3.1: no :method", "pseudo-missing", ":method"),
  pseudo("8.3.1: no :scheme", "pseudo-missing", ":scheme"),
  pseudo("8.3.1: no :path", "pseudo-missing", ":path"),
  pseudo("8.3.1: neither :authority nor Host", "pseudo-missing", ":authority"),
  pseudo("8.3.1: an empty :method", "method", ":method", ""),
  pseudo("8.3.1: a method with a space", "method", ":method", "GET /admin HTTP/1.1"),
  pseudo("8.3.1: a method that is no token", "method", ":method", "G@T"),
  pseudo("8.3.1: an empty :scheme", "scheme", ":scheme", ""),
  pseudo("8.3.1: a scheme with more behind it", "scheme", ":scheme", "http://evil/?"),
  pseudo("8.3.1: an empty :path", "path", ":path", ""),
  pseudo("8.3.1: a path without a slash", "path", ":path", "a"),
  pseudo("8.3.1: a path that is a URI", "path", ":path", "http://b/"),
  pseudo("8.3.1: an asterisk that is not of OPTIONS", "path", ":path", "*"),
  pseudo("8.3.1: a path with a space", "path", ":path", "/ HTTP/1.1"),
  pseudo("8.3.1: a path with a fragment", "path", ":path", "/#a"),
  pseudo("8.3.1: a path with a backslash", "path", ":path", "/\\a"),
  pseudo("8.3.1: a path with a byte beyond ASCII", "path", ":path", "/\xe4"),
  pseudo("8.3.1: a path with a bad percent", "percent-encoding", ":path", "/%zz"),
  pseudo("8.3.1: a path that ends in a percent", "percent-encoding", ":path", "/%2"),
  pseudo("8.2.1: a line end in :path", "field-value", ":path", "/\r\nx: y"),
  pseudo("8.2.1: a space behind :path", "blank-around-value", ":path", "/ "),
  pseudo("8.3.1: an empty :authority", "authority", ":authority", ""),
  pseudo("8.3.1: an authority with user information", "userinfo", ":authority", "u:p@a"),
  pseudo("8.3.1: an authority with a path", "authority", ":authority", "a/b"),
  pseudo("8.3.1: an authority with a bad port", "authority", ":authority", "a:65536"),
  pseudo("8.3.1: two authorities in one", "authority", ":authority", "a,b:c"),
  named("8.3.1: Host and :authority differ", "two-authorities", ["host", "b"]),
  named("8.3.1: an empty Host beside :authority", "two-authorities", ["host", ""]),
  named("8.3.1: Host twice", "two-authorities", ["host", "a"], ["host", "a"]),
  {
    what: "8.3.1: a Host that is none, in the place of :authority",
    code: "userinfo",
    fields: [...withPseudo(":authority"), ["host", "u@a"]],
  },

  {
    what: "8.5: CONNECT with a path",
    code: "connect-path",
    fields: [[":method", "CONNECT"], [":authority", "a:1"], PATH],
  },
  {
    what: "8.5: CONNECT with a scheme",
    code: "connect-path",
    fields: [[":method", "CONNECT"], [":authority", "a:1"], SCHEME],
  },
  { what: "8.5: CONNECT without an authority", code: "pseudo-missing", fields: [[":method", "CONNECT"]] },
  {
    what: "8.5: CONNECT without a port",
    code: "connect-port",
    fields: [
      [":method", "CONNECT"],
      [":authority", "a"],
    ],
  },
  {
    what: "8.5: CONNECT that announces a body",
    code: "forbidden-body",
    fields: [
      [":method", "CONNECT"],
      [":authority", "a:1"],
      ["content-length", "5"],
    ],
  },
  { what: "RFC 8441 4: :protocol of a GET", code: "protocol", fields: [[":protocol", "websocket"], ...withFields()] },
  {
    what: "RFC 8441 4: a :protocol that is no token",
    code: "protocol",
    fields: [[":protocol", "a b"], ...withPseudo(":method", "CONNECT")],
  },
  {
    what: "RFC 8441 4: an extended CONNECT without a path",
    code: "connect-path",
    fields: [[":protocol", "websocket"], [":method", "CONNECT"], SCHEME, AUTHORITY],
  },

  named("8.1.1: a length with a sign", "content-length", ["content-length", "+5"]),
  named("8.1.1: an empty length", "content-length", ["content-length", ""]),
  named("8.1.1: a length in hex", "content-length", ["content-length", "0x5"]),
  named("8.1.1: a length with a leading zero", "content-length", ["content-length", "05"]),
  named("8.1.1: a list of lengths", "content-length", ["content-length", "5, 5"]),
  named("8.1.1: a length beyond 2^53 - 1", "content-length", ["content-length", "9007199254740992"]),
  named("8.1.1: two lengths", "two-lengths", ["content-length", "5"], ["content-length", "6"]),
  named("8.1.1: the same length twice", "two-lengths", ["content-length", "5"], ["content-length", "5"]),
];

/** Blocks of requests that are answered with a status. */
export const REFUSED_REQUESTS: readonly (RefusedBlock & { readonly status: number })[] = [
  { ...named("an expectation", "expect", ["expect", "200-ok"]), status: 417 },
  { ...named("two expectations", "expect", ["expect", "100-continue"], ["expect", "100-continue"]), status: 417 },
  { ...pseudo("another scheme", "scheme", ":scheme", "coap"), status: 400 },
  { ...pseudo("a path of more than 8 KiB", "path-too-long", ":path", `/${"a".repeat(8 * 1024)}`), status: 414 },
  {
    ...named("101 fields", "too-many-fields", ...Array.from({ length: 101 }, (): LiteralField => ["a", ""])),
    status: 431,
  },
  { ...named("a head of more than 16 KiB", "head-too-long", ["a", "b".repeat(16 * 1024)]), status: 431 },
];

const status = (what: string, code: string, ...fields: readonly LiteralField[]): RefusedBlock => ({
  what,
  code,
  fields: [[":status", "200"], ...fields],
});

/** Blocks of responses that are malformed. */
export const MALFORMED_RESPONSES: readonly RefusedBlock[] = [
  { what: "8.3.2: no :status", code: "pseudo-missing", fields: [["a", "b"]] },
  ...["", "20", "2000", "2x0", "099", "600", "+20"].map((value) => ({
    what: `8.3.2: the status ${JSON.stringify(value)}`,
    code: "status",
    fields: [[":status", value]] as const,
  })),
  { what: "8.6: 101", code: "status", fields: [[":status", "101"]] },
  status("8.3: :status twice", "pseudo-twice", [":status", "200"]),
  status("8.3: a pseudo-header of requests", "pseudo-unknown", [":path", "/"]),
  {
    what: "8.3: :status behind a field",
    code: "pseudo-late",
    fields: [
      ["a", "b"],
      [":status", "200"],
    ],
  },
  status("8.2.2: connection", "connection-field", ["connection", "close"]),
  status("8.2.2: transfer-encoding", "connection-field", ["transfer-encoding", "chunked"]),
  status("8.2.2: TE, which only requests may have", "connection-field", ["te", "trailers"]),
  status("8.2.1: a line end in a value", "field-value", ["server", "a\r\nb: c"]),
  status("8.2.1: an upper-case letter in a name", "field-name", ["Server", "a"]),
  status("8.1.1: a length that is none", "content-length", ["content-length", "a"]),
  status("8.1.1: two lengths", "two-lengths", ["content-length", "5"], ["content-length", "5"]),
  {
    what: "RFC 9110 8.6: a length of 1xx",
    code: "forbidden-body",
    fields: [
      [":status", "103"],
      ["content-length", "5"],
    ],
  },
];

/** Blocks of trailers that are malformed. */
export const MALFORMED_TRAILERS: readonly RefusedBlock[] = [
  { what: "8.1: a pseudo-header of requests", code: "pseudo-in-trailers", fields: [[":path", "/"]] },
  { what: "8.1: :status", code: "pseudo-in-trailers", fields: [[":status", "200"]] },
  {
    what: "8.1: a pseudo-header that nobody knows",
    code: "pseudo-in-trailers",
    fields: [
      ["a", "b"],
      [":x", "y"],
    ],
  },
  { what: "8.2.2: connection", code: "connection-field", fields: [["connection", "close"]] },
  { what: "RFC 9110 6.5.1: content-length", code: "forbidden-trailer", fields: [["content-length", "5"]] },
  { what: "RFC 9110 6.5.1: host", code: "forbidden-trailer", fields: [["host", "a"]] },
  { what: "8.2.2: transfer-encoding", code: "connection-field", fields: [["transfer-encoding", "chunked"]] },
  { what: "8.2.2: TE", code: "connection-field", fields: [["te", "trailers"]] },
  { what: "8.2.1: a line end in a value", code: "field-value", fields: [["grpc-message", "a\nb"]] },
  { what: "8.2.1: an upper-case letter in a name", code: "field-name", fields: [["Grpc-Status", "0"]] },
];
