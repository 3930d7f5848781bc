import type { Random } from "@weft/core";
import type { Stream } from "./message.ts";

// What a part of a message is drawn from: mostly what is right, sometimes what is odd, sometimes what is wrong.
const METHODS = ["GET", "GET", "POST", "POST", "PUT", "HEAD", "OPTIONS", "DELETE", "PATCH", "QUERY", "CONNECT"];
const ODD_METHODS = ["FOO", "get", "M-SEARCH", "PRI", "G_T", "", "GE T", "SOURCE", "DESCRIBE", "\x00", "\r\nGET"];
const TARGETS = ["/", "/a/b?c=d&e", "/%41%7e", "//x", "/a;b=1/../c", "http://b/x?y", "http://b:81", "/?", "/a[1]|{}^`"];
const CONNECT_TARGETS = ["b:443", "[::1]:80", "1.2.3.4:1"];
const ODD_TARGETS = [
  ...[
    "*",
    "b:443",
    "b",
    "https://[::1]:8/",
    "ftp://b/",
    "http://u@b/",
    "http:///",
    "/a#b",
    "/%zz",
    "/%",
    "/\xe9",
    "/\\",
  ],
  ...['/"<>', "", "a/b", "http://b?q", "http://b:x/", "/\x01", "/\x7f", "?", "http://b#", "[::1]:443", "*a", "/a b"],
];
const ODD_VERSIONS = [
  "HTTP/1.0",
  "HTTP/1.0",
  "HTTP/0.9",
  "HTTP/1.2",
  "HTTP/2.0",
  "http/1.1",
  "HTTP/1.1 ",
  "HTTP/1",
  "",
  "ICE/1.0",
  "RTSP/1.0",
];
const STATUSES = [
  "200 OK",
  "200 OK",
  "201 Created",
  "204 -",
  "304 Not Modified",
  "404 Not Found",
  "500 \xe9",
  "103 Early",
  "100 Continue",
];
const ODD_STATUSES = [
  "200",
  "200 ",
  "20",
  "2000 OK",
  "099 -",
  "600 -",
  "101 Switching",
  "+20 OK",
  "200\tOK",
  "205 -",
  "999 -",
  "0x1 -",
  "200 a\tb",
];
const NAMES = [
  "Accept",
  "X-A",
  "x-b",
  "Via",
  "User-Agent",
  "Cookie",
  "Set-Cookie",
  "traceparent",
  "TE",
  "Trailer",
  "X-A1!#$%&'*+.^`|~",
];
const ODD_NAMES = [
  "X_A",
  "X A",
  "X-A ",
  "",
  " X",
  "\tX",
  "X(",
  "X\xe9",
  "Content_Length",
  "\x00",
  "Host\x00",
  "X\r",
  "@",
  "Proxy-Connection",
];
const VALUES = [
  "a",
  "",
  "a, b",
  "  a  ",
  "\ta\t",
  "\xe9\xff",
  "a:b",
  'q="x y"',
  "trailers",
  "00-ab-cd-01",
  "a\tb",
  "; , ;",
];
const ODD_VALUES = ["a\x00b", "a\rb", "a\nb", "a\x7f", "\x01", "a\r\n b", "a\r\n\tb", "\r", "\x0b", "\x1f", "a\r\n"];
const LENGTHS = [
  "+3",
  "-3",
  "3, 3",
  "03",
  "0x3",
  "3 ",
  "",
  " 3",
  "3;",
  "9007199254740992",
  "18446744073709551616",
  "18446744073709551619",
  "3.0",
  "3 3",
  "\t3",
];
const CODINGS = [
  "Chunked",
  "gzip",
  "gzip, chunked",
  "chunked, gzip",
  "chunked,",
  ",chunked",
  "identity",
  "chunked, chunked",
  " chunked ",
  "xchunked",
  "chunked;a",
  "",
  "\x0bchunked",
  "chunked\t",
];
const CONNECTIONS = [
  "keep-alive",
  "Keep-Alive",
  "close",
  "Close",
  "close, keep-alive",
  "x-a",
  "upgrade",
  "Upgrade, x-b",
  "TE",
  ",",
];
const ODD_CONNECTIONS = [
  "a b",
  "host",
  "close,",
  "keep-alive, x-a",
  "clos\xe9",
  "close x",
  "\tclose",
  "close\t,x-a",
  "cookie",
  "",
];
const EXTRA_FIELDS = [
  "Upgrade: websocket",
  "Expect: 100-continue",
  "Expect: other",
  "Keep-Alive: timeout=5",
  "Proxy-Connection: close",
  "Host: b",
  "Host:",
];
const HOSTS = ["a", "a", "a", "a:80", "a.b-c", "[::1]", "", "a b", "a/b", "u@a", "a:x", "a, b"];
const EXTENSIONS = [
  ";a",
  ";a=b",
  ';a="b c"',
  ';a="\\""',
  ";a;b=c",
  ";",
  " ;a",
  "; a",
  ";a =b",
  ";a=",
  " ",
  "\t",
  ";a=\x00",
  ';a="b',
  ";a=b\n",
  ";a=b=c",
];
const ODD_ENDS = ["\n", "\r", "\r\r\n", "\n\r", "\r\n\r", " \r\n"];
const TRAILERS = ["X-T: 1", "x-sum: \xe9", "Grpc-Status: 0", "X-A: a, b", "Date: now", "Set-Cookie: a=b"];
const ODD_TRAILERS = [
  "Content-Length: 1",
  "Transfer-Encoding: chunked",
  "Host: a",
  "X_T: 1",
  "X-T : 1",
  " X: 1",
  "X",
  ": 1",
  "X: \x00",
  "X: a\r\n b",
];

/**
 * Draws a stream of one to three messages.
 *
 * @param oddness how likely each part is not what it should be, 0 to 1
 */
export function drawStream(random: Random, oddness: number): Stream {
  const grammar = new Grammar(random, oddness);
  const kind = grammar.one(["request", "response"] as const);
  const answers = kind === "response" ? grammar.one(["GET", "GET", "GET", "HEAD", "CONNECT"] as const) : "GET";
  // To HEAD there is one response: llhttp does not tell whether another may follow.
  let text = "";
  for (let count = answers === "HEAD" ? 1 : 1 + random.below(3); count > 0; count--)
    text += grammar.message(kind, answers === "HEAD");
  return { kind, text, answers };
}

class Grammar {
  readonly #random: Random;
  readonly #oddness: number;

  constructor(random: Random, oddness: number) {
    this.#random = random;
    this.#oddness = oddness;
  }

  one<Item>(items: readonly Item[]): Item {
    return items[this.#random.below(items.length)]!;
  }

  message(kind: "request" | "response", withoutBody: boolean): string {
    const odd = this.#odd();
    const version = odd ? this.one(ODD_VERSIONS) : "HTTP/1.1";
    const start = kind === "request" ? this.#requestLine(version) : this.#statusLine(version);
    const bodiless = /^CONNECT|^HTTP\S* (?:1|204)/.test(start) && !this.#odd();
    const [framing, body] = bodiless ? ["", ""] : this.#body();
    const lines = this.#fields(kind);
    if (framing !== "") lines.splice(this.#random.below(lines.length + 1), 0, framing);
    if (lines.length > 0 && this.#odd()) lines.push(this.one(lines));
    const head = lines.map((line) => `${line}${this.#lineEnd()}`).join("");
    return `${start}${this.#lineEnd()}${head}${this.#lineEnd()}${withoutBody ? "" : body}`;
  }

  #requestLine(version: string): string {
    const method = this.#some(METHODS, ODD_METHODS);
    const usual = method === "CONNECT" ? CONNECT_TARGETS : TARGETS;
    return `${method}${this.#space()}${this.#some(usual, ODD_TARGETS)}${this.#space()}${version}`;
  }

  #statusLine(version: string): string {
    return `${version}${this.#space()}${this.#some(STATUSES, ODD_STATUSES)}`;
  }

  #fields(kind: "request" | "response"): string[] {
    const lines: string[] = [];
    for (let count = this.#random.below(5); count > 0; count--) {
      lines.push(`${this.#some(NAMES, ODD_NAMES)}:${this.one([" ", "", " ", "\t"])}${this.#some(VALUES, ODD_VALUES)}`);
    }
    if (this.#random.below(3) === 0) lines.push(`Connection: ${this.#some(CONNECTIONS, ODD_CONNECTIONS)}`);
    if (this.#odd()) lines.push(this.one(EXTRA_FIELDS));
    if (kind === "request" && !this.#odd()) lines.unshift(`Host: ${this.#some(["a", "a:80"], HOSTS)}`);
    return lines;
  }

  /** The field that frames a body, and the body. */
  #body(): readonly [string, string] {
    const content = this.one(["", "a", "hello", "x\r\ny", "0\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"]);
    switch (this.#random.below(4)) {
      case 0:
        return ["", ""];
      case 1:
        return [`Content-Length: ${this.#odd() ? this.one(LENGTHS) : content.length}`, content];
      default: {
        const coding = this.#odd() ? this.one(CODINGS) : "chunked";
        const both = this.#odd() ? "Content-Length: 3\r\n" : "";
        return [`${both}Transfer-Encoding: ${coding}`, this.#chunks(content)];
      }
    }
  }

  #chunks(content: string): string {
    let text = "";
    for (let count = this.#random.below(3); count > 0; count--) {
      const data = content === "" ? "a" : content;
      text += `${this.#size(data.length)}${this.#odd() ? this.one(EXTENSIONS) : ""}${this.#lineEnd()}${data}${this.#lineEnd()}`;
    }
    text += `${this.#odd() ? this.one(["00", "000", "", "0x0"]) : "0"}${this.#odd() ? this.one(EXTENSIONS) : ""}${this.#lineEnd()}`;
    for (let count = Math.max(0, this.#random.below(4) - 2); count > 0; count--) {
      text += `${this.#some(TRAILERS, ODD_TRAILERS)}${this.#lineEnd()}`;
    }
    return text + this.#lineEnd();
  }

  #size(length: number): string {
    const hex = length.toString(16);
    if (!this.#odd()) return hex;
    return this.one([
      hex.toUpperCase(),
      `0${hex}`,
      `0000000000${hex}`,
      `+${hex}`,
      `-${hex}`,
      `0x${hex}`,
      ` ${hex}`,
      `${hex} `,
      `${"0".repeat(20)}${hex}`,
      `1000000000000000${hex}`,
      `f${hex}`,
      "20000000000000",
    ]);
  }

  #some<Item>(usual: readonly Item[], odd: readonly Item[]): Item {
    return this.one(this.#odd() ? odd : usual);
  }

  #space(): string {
    return this.#odd() ? this.one([" ", "  ", "\t", ""]) : " ";
  }

  #lineEnd(): string {
    return this.#random.unit() < this.#oddness / 4 ? this.one(ODD_ENDS) : "\r\n";
  }

  #odd(): boolean {
    return this.#random.unit() < this.#oddness;
  }
}
