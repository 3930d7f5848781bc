import type { Stream } from "./message.ts";

/** Streams that were once read wrongly, or at which readers are known to differ. Found ones are added, none is taken out. */
export interface CorpusCase extends Stream {
  /** What it is about, as a claim. */
  readonly about: string;
  /** The row of the standing differences; "same" when both readers must agree. */
  readonly row: string;
}

const HOST = "Host: a\r\n";
const CHUNKED = "Transfer-Encoding: chunked\r\n";

export const CORPUS: readonly CorpusCase[] = [
  // Found here.
  post("a chunk size of 2^53 is not rounded down to 2^53 - 1", `${CHUNKED}\r\n20000000000000\r\n`),
  post("a length of 2^53 - 1 is counted exactly", "Content-Length: 9007199254740991\r\n\r\n"),
  post("a tab behind the coding is no white space to all", "Transfer-Encoding: chunked\t\r\n\r\n0\r\n\r\n"),
  response(
    "a tab behind the coding does not turn it into another",
    `Transfer-Encoding: chunked\t\r\n\r\n1\r\na\r\n0\r\n\r\n`,
    "tab-by-transfer-coding",
  ),
  request("CONNECT has no body", `CONNECT a:80 HTTP/1.1\r\n${HOST}Content-Length: 3\r\n\r\nabc`, "forbidden-body"),
  request("two spaces do not make an empty target", `GET  / HTTP/1.1\r\n${HOST}\r\n`, "target"),
  request(
    "close wins over keep-alive in HTTP/1.0",
    `GET / HTTP/1.0\r\n${HOST}Connection: close, keep-alive\r\n\r\n`,
    "an HTTP/1.0 message with both close and keep-alive",
  ),

  // The list of edge cases that llhttp takes, and a gateway must not.
  request("two Host fields", `GET / HTTP/1.1\r\n${HOST}Host: b\r\n\r\n`, "two-hosts"),
  request("an absolute form names the authority", `GET http://b/c HTTP/1.1\r\n${HOST}\r\n`, "same"),
  post("a coding besides chunked", `Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, "transfer-coding"),
  request("a coding in HTTP/1.0", `POST / HTTP/1.0\r\n${HOST}${CHUNKED}\r\n0\r\n\r\n`, "transfer-encoding-in-http-1-0"),
  request("a fragment", `GET /a#b HTTP/1.1\r\n${HOST}\r\n`, "fragment"),
  request("a malformed escape", `GET /%zz HTTP/1.1\r\n${HOST}\r\n`, "percent-encoding"),
  request("an underscore in a name", `GET / HTTP/1.1\r\n${HOST}X_User_Id: 1\r\n\r\n`, "same"),
  request("GET with a body", `GET / HTTP/1.1\r\n${HOST}Content-Length: 3\r\n\r\nabc`, "same"),

  // One for each other row.
  request("no Host", "GET / HTTP/1.1\r\nA: b\r\n\r\n", "no-host"),
  request("a Host that is none", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "host"),
  request("LF before a request", `\nGET / HTTP/1.1\r\n${HOST}\r\n`, "bare-lf"),
  request("CR before a request", `\rGET / HTTP/1.1\r\n${HOST}\r\n`, "bare-cr"),
  request("several empty lines before a request", `\r\n\r\nGET / HTTP/1.1\r\n${HOST}\r\n`, "request-line"),
  request("one empty line before a request", `\r\nGET / HTTP/1.1\r\n${HOST}\r\n`, "same"),
  request("no version", `GET /\r\n${HOST}\r\n`, "request-line"),
  request("an old version", `GET / HTTP/0.9\r\n${HOST}\r\n`, "version"),
  request("two spaces before the version", `GET /  HTTP/1.1\r\n${HOST}\r\n`, "malformed-version"),
  request("the asterisk of another method", `GET * HTTP/1.1\r\n${HOST}\r\n`, "target-form"),
  request("another scheme", `GET ftp://b/ HTTP/1.1\r\n${HOST}\r\n`, "scheme"),
  request("user information", `GET http://u@b/ HTTP/1.1\r\n${HOST}\r\n`, "userinfo"),
  request("an authority without a host", `GET http:/// HTTP/1.1\r\n${HOST}\r\n`, "authority"),
  request("CONNECT without a port", `CONNECT b: HTTP/1.1\r\n${HOST}\r\n`, "connect-port"),
  request("an unknown method", `FROB / HTTP/1.1\r\n${HOST}\r\n`, "a method that llhttp does not know"),
  request(
    "Proxy-Connection says nothing",
    `GET / HTTP/1.1\r\n${HOST}Proxy-Connection: close\r\n\r\n`,
    "Proxy-Connection",
  ),
  request("an unknown expectation", `GET / HTTP/1.1\r\n${HOST}Expect: more\r\n\r\n`, "expect"),
  request("a Connection that is no list", `GET / HTTP/1.1\r\n${HOST}Connection: a b\r\n\r\n`, "connection-option"),
  request(
    "a Connection that takes Cookie away",
    `GET / HTTP/1.1\r\n${HOST}Connection: cookie\r\n\r\n`,
    "protected-option",
  ),
  post("a length with a leading zero", "Content-Length: 03\r\n\r\nabc", "content-length"),
  response("a length beyond 2^53", "Content-Length: 9007199254740992\r\n\r\n", "length-too-large", "HEAD"),
  response("a coding that does not end", "Transfer-Encoding: gzip\r\n\r\nabc", "chunked-not-last"),
  post("a padded chunk size", `${CHUNKED}\r\n000000000000000000001\r\na\r\n0\r\n\r\n`, "chunk-too-large"),
  post("an extension without a value", `${CHUNKED}\r\n1;a=\r\na\r\n0\r\n\r\n`, "chunk-extension"),
  response(
    "Transfer-Encoding as a trailer",
    `${CHUNKED}\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n`,
    "forbidden-trailer",
  ),
  post("Host as a trailer", `${CHUNKED}\r\n0\r\nHost: b\r\n\r\n`, "forbidden-trailer"),
  { ...response("a status beyond 599", "", "status"), text: "HTTP/1.1 600 -\r\n\r\n" },
  { ...response("a control character in a reason", "", "status-line"), text: "HTTP/1.1 200 \x01\r\n\r\n" },

  // What both must refuse.
  ...[
    `Content-Length: 3\r\n${CHUNKED}`,
    "Content-Length: 3\r\nContent-Length: 4\r\n",
    "Content-Length: 3\r\nContent-Length: 3\r\n",
  ].map((lines) => post(`lengths that differ: ${JSON.stringify(lines)}`, `${lines}\r\nabc`)),
  ...["+3", "3, 3", "-3", "0x3", "3 3", ""].map((length) =>
    post(`the length ${JSON.stringify(length)}`, `Content-Length: ${length}\r\n\r\nabc`),
  ),
  ...["0x1", "+1", " 1", "1 ", "g", "1\t"].map((size) =>
    post(`the chunk size ${JSON.stringify(size)}`, `${CHUNKED}\r\n${size}\r\na\r\n0\r\n\r\n`),
  ),
  ...["A : b\r\n", " A: b\r\n", "A: b\r\n c\r\n", "A: b\0\r\n", "A: b\rc\r\n", "A: b\n", "A\r\n", ": b\r\n"].map(
    (line) => request(`the line ${JSON.stringify(line)}`, `GET / HTTP/1.1\r\n${HOST}${line}\r\n`, "same"),
  ),
  ...["Content-Length: 1", "Transfer-Encoding: chunked"].map((line) =>
    post(`the trailer ${line}`, `${CHUNKED}\r\n0\r\n${line}\r\n\r\n`),
  ),
];

function request(about: string, text: string, row: string): CorpusCase {
  return { kind: "request", answers: "GET", about, text, row };
}

function post(about: string, rest: string, row = "same"): CorpusCase {
  return request(about, `POST / HTTP/1.1\r\n${HOST}${rest}`, row);
}

function response(about: string, rest: string, row: string, answers: Stream["answers"] = "GET"): CorpusCase {
  return { kind: "response", answers, about, text: `HTTP/1.1 200 OK\r\n${rest}`, row };
}
