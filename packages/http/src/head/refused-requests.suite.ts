import type { RefusalCode } from "./refusal.ts";

/** A request whose field lines are those given. */
export const withFields = (...lines: readonly string[]): string =>
  `GET / HTTP/1.1\r\nHost: a\r\n${lines.join("\r\n")}\r\n\r\n`;
/** A request with that request line. */
const withLine = (line: string): string => `${line}\r\nHost: a\r\n\r\n`;

/** Requests by the rule that refuses them, under the limits of the test: 512 bytes, 10 fields. */
export const REFUSED_REQUESTS: readonly (readonly [RefusalCode, ...string[]])[] = [
  // Lines.
  ["bare-lf", withFields("A: b\nC: d"), "GET / HTTP/1.1\nHost: a\n\n", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET\n"],
  ["bare-lf", "GET /\n", "GET / HTTP/1.1\r\nHost: a\r\n\n", "GET / HTTP/1.1\r\nHost\n: a"],
  ["bare-cr", withFields("A: b\rC: d"), "GET / HTTP/1.1\rHost: a\r\r", "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["bare-cr", "GET / HTTP/1.1\r\nHost: a\r\n\rX", withFields("A: b\r\r")],
  ["nul", withFields("A: b\0"), withFields("A:\0")],
  ["control-character", withFields("A: \x01"), withFields("A: b\x7f"), withFields("A: \x0b"), withFields("A:\x0cb")],
  ["obs-fold", withFields("A: b", " c"), withFields("A: b", "\tc"), "GET / HTTP/1.1\r\n Host: a\r\n\r\n"],
  [
    "space-before-colon",
    withFields("A : b"),
    withFields("A\t: b"),
    withFields("Content-Length : 5"),
    withFields("A b"),
  ],
  ["empty-name", withFields(": b"), withFields(":")],
  ["no-colon", withFields("A"), withFields("A: b", "Transfer-Encoding")],
  [
    "field-name",
    withFields("A(: b"),
    withFields("A\0: b"),
    withFields("A\x80: b"),
    withFields("A/B: c"),
    withFields('"A": c'),
  ],
  ["field-name", withFields("@: b"), withFields("{a}: b"), withFields("\x7f: b"), withFields("a[0]: b")],

  // The request line.
  [
    "method",
    " GET / HTTP/1.1\r\n",
    withLine("G@T / HTTP/1.1"),
    withLine("GET\t/ HTTP/1.1"),
    withLine("\x80 / HTTP/1.1"),
  ],
  [
    "method",
    withLine("GET(x) / HTTP/1.1"),
    withLine("\0GET / HTTP/1.1"),
    withLine('{"a":1} / HTTP/1.1'),
    "\x16\x03\x01",
  ],
  ["request-line", withLine("GET"), withLine("GET /"), "\r\n\r\n", withLine("GET /\r\n")],
  [
    "target",
    withLine("GET  / HTTP/1.1"),
    withLine("GET /\x7f HTTP/1.1"),
    withLine("GET /\x80 HTTP/1.1"),
    withLine("GET /\0 HTTP/1.1"),
  ],
  [
    "target",
    withLine("GET /a\\b HTTP/1.1"),
    withLine('GET /" HTTP/1.1'),
    withLine("GET /<b> HTTP/1.1"),
    withLine("GET /\ta HTTP/1.1"),
  ],
  ["target", withLine("GET /\xc3\xa9 HTTP/1.1"), withLine("GET  HTTP/1.1")],
  ["fragment", withLine("GET /a#b HTTP/1.1"), withLine("GET # HTTP/1.1"), withLine("GET http://a/#b HTTP/1.1")],
  [
    "percent-encoding",
    withLine("GET /%zz HTTP/1.1"),
    withLine("GET /% HTTP/1.1"),
    withLine("GET /%4 HTTP/1.1"),
    withLine("GET /?%g0 HTTP/1.1"),
  ],
  [
    "target-form",
    withLine("GET * HTTP/1.1"),
    withLine("GET a/b HTTP/1.1"),
    withLine("OPTIONS ** HTTP/1.1"),
    withLine("GET a:80 HTTP/1.1"),
  ],
  [
    "target-form",
    withLine("CONNECT / HTTP/1.1"),
    withLine("CONNECT http://a:80/ HTTP/1.1"),
    withLine("GET http:/a HTTP/1.1"),
    withLine("connect a:80 HTTP/1.1"),
  ],
  ["scheme", withLine("GET ftp://a/ HTTP/1.1"), withLine("GET ws://a/ HTTP/1.1"), withLine("GET httpx://a/ HTTP/1.1")],
  [
    "userinfo",
    withLine("GET http://me:pw@a/ HTTP/1.1"),
    withLine("CONNECT me@a:80 HTTP/1.1"),
    withLine("GET http://@a/ HTTP/1.1"),
  ],
  [
    "authority",
    withLine("GET http:/// HTTP/1.1"),
    withLine("GET http://a:b/ HTTP/1.1"),
    withLine("GET http://[::1/ HTTP/1.1"),
    withLine("GET http://:80/ HTTP/1.1"),
  ],
  [
    "authority",
    withLine("CONNECT a:b HTTP/1.1"),
    withLine("GET http://a:65536/ HTTP/1.1"),
    withLine("GET http://a:80:80/ HTTP/1.1"),
  ],
  [
    "authority",
    withLine("CONNECT * HTTP/1.1").replace("*", "[::1"),
    withLine("GET http://[v1.a]/ HTTP/1.1"),
    withLine("GET http://[::1%25eth0]/ HTTP/1.1"),
  ],
  [
    "connect-port",
    withLine("CONNECT a HTTP/1.1"),
    withLine("CONNECT a: HTTP/1.1"),
    withLine("CONNECT [::1] HTTP/1.1"),
    withLine("CONNECT * HTTP/1.1"),
  ],
  [
    "malformed-version",
    withLine("GET / HTTP/1.1 "),
    withLine("GET / http/1.1"),
    withLine("GET / HTTP/11"),
    withLine("GET / HTTP/1,1"),
  ],
  [
    "malformed-version",
    withLine("GET / HTTPS/1.1"),
    withLine("GET / HTTP/1.10"),
    withLine("GET / HTTP/1."),
    withLine("GET / /a HTTP/1.1"),
    withLine("GET / "),
  ],
  [
    "version",
    withLine("GET / HTTP/2.0"),
    withLine("GET / HTTP/0.9"),
    withLine("GET / HTTP/1.2"),
    withLine("PRI * HTTP/2.0"),
    withLine("GET / HTTP/9.9"),
  ],

  // Host.
  ["no-host", "GET / HTTP/1.1\r\n\r\n", "GET http://a/ HTTP/1.1\r\nAccept: b\r\n\r\n", "CONNECT a:80 HTTP/1.1\r\n\r\n"],
  [
    "two-hosts",
    withFields("Host: a"),
    withFields("hOST: b"),
    "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n",
    "GET http://b/ HTTP/1.1\r\nHost: b\r\nHost: c\r\n\r\n",
  ],
  ...[
    "a b",
    "a, b",
    "a:",
    "a/b",
    "me@a",
    "a:80x",
    "[::1",
    "[1.2.3.4]",
    "::1",
    "a:80:80",
    "http://a",
    ":80",
    "a\\b",
    "\xe9",
    "a:-1",
    "a:+80",
    "%zz",
    "a%4",
  ]
    .filter((host) => host !== "a:")
    .map((host): readonly [RefusalCode, string] => ["host", `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`]),

  // Framing.
  [
    "two-lengths",
    withFields("Content-Length: 5", "Content-Length: 5"),
    withFields("Content-Length: 5", "content-length: 6"),
  ],
  ...["", "+5", "-5", "5, 5", "5,5", "5 5", "0x5", "5.0", "05", "00", "5e1", "five", "5;", "\xb2", '"5"', "5\t5"].map(
    (length): readonly [RefusalCode, string] => ["content-length", withFields(`Content-Length: ${length}`)],
  ),
  [
    "length-too-large",
    withFields("Content-Length: 9007199254740992"),
    withFields(`Content-Length: ${"9".repeat(300)}`),
  ],
  [
    "length-with-transfer-encoding",
    withFields("Content-Length: 5", "Transfer-Encoding: chunked"),
    withFields("Transfer-Encoding: gzip", "Content-Length: 0"),
  ],
  ["transfer-encoding-in-http-1-0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"],
  ...[
    "gzip",
    "",
    "identity",
    "chunked, gzip",
    "chunked, chunked",
    "chunked,",
    "xchunked",
    "chunked;a=b",
    "chunked x",
    '"chunked"',
    "chunked, identity",
    ", ",
  ].map((coding): readonly [RefusalCode, string] => ["chunked-not-last", withFields(`Transfer-Encoding: ${coding}`)]),
  [
    "chunked-not-last",
    withFields("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
    withFields("Transfer-Encoding: chunked", "Transfer-Encoding: gzip"),
  ],
  ["chunked-not-last", withFields("Transfer-Encoding: \xa0chunked"), withFields("Transfer-Encoding: \x85chunked")],
  [
    "transfer-coding",
    withFields("Transfer-Encoding: gzip, chunked"),
    withFields("Transfer-Encoding: gzip", "Transfer-Encoding: Chunked"),
    withFields("Transfer-Encoding: , chunked"),
  ],

  [
    "tab-by-transfer-coding",
    withFields("Transfer-Encoding: chunked\t"),
    withFields("Transfer-Encoding:\tchunked"),
    withFields("Transfer-Encoding: chunked \t "),
  ],
  [
    "forbidden-body",
    "CONNECT a:80 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n",
    "CONNECT a:80 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
  ],

  // What the connection is told.
  [
    "expect",
    withFields("Expect: 200-ok"),
    withFields("Expect:"),
    withFields("Expect: 100-continue", "Expect: 100-continue"),
    withFields("Expect: 100-continue, x"),
  ],
  [
    "connection-option",
    withFields("Connection: close x"),
    withFields("Connection: a@b"),
    withFields('Connection: "close"'),
    withFields("Connection: \xe9"),
  ],
  ...[
    "Host",
    "content-length",
    "Transfer-Encoding",
    "close, authorization",
    "cookie",
    "X-Forwarded-For",
    "x_user_id",
    "Via",
    "expect",
    "x-weft-caller",
  ].map((options): readonly [RefusalCode, string] => ["protected-option", withFields(`Connection: ${options}`)]),

  // Limits, as the listener below has them.
  ["head-too-long", withFields(`A: ${"b".repeat(600)}`), `GET / HTTP/1.1\r\nA: ${"b".repeat(600)}`],
  ["too-many-fields", withFields(...Array.from({ length: 10 }, (_, i) => `A: ${i}`))],
];
