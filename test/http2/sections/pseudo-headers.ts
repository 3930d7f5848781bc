import { expect } from "vitest";
import { block, get, type Pair, request, status } from "../field-block.ts";
import { headers } from "../frames.ts";
import { client } from "../raw-peer.ts";
import { answered, type Rule, type Story } from "../rule.ts";
import { serving } from "../serving.ts";
import { requestOf, stage } from "../stage.ts";
import { asked, replied } from "../whole-messages.ts";

const M: Pair = [":method", "GET"];
const S: Pair = [":scheme", "http"];
const A: Pair = [":authority", "a"];
const P: Pair = [":path", "/ok"];

/** RFC 9113 8.3: pseudo-headers. */
export const PSEUDO_HEADERS: readonly (Rule | Story)[] = [
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
  {
    section: "8.3.1",
    when: "what a request says of itself",
    role: "server",
    does: "is read as it was written",
    async run() {
      const { address } = await serving();
      const peer = await client(address);
      peer.send(headers(1, request("PATCH", "/show/it?q=%20", ["x-a", "v"]), { end: true }));
      expect((await peer.message(1)).body).toMatch(/^PATCH \/show\/it\?q=%20 a http\n(?:.*\n)*x-a: v$/);
    },
  },
  {
    section: "8.3.1",
    when: "a request",
    role: "client",
    does: "has :method, :scheme, :authority and :path once each, before its fields",
    async run() {
      const { call, endpoint, accepted } = await stage();
      call(endpoint, { method: "PUT", path: "/a?b", lines: "X-A: v\r\n" });
      const peer = await accepted();
      const { fields = [] } = await requestOf(peer, "/a?b");
      const pseudo = fields.filter(([name]) => name.startsWith(":"));
      expect(fields.slice(0, pseudo.length)).toEqual(pseudo);
      expect(Object.fromEntries(pseudo)).toEqual({
        ":method": "PUT",
        ":scheme": "http",
        ":authority": "a",
        ":path": "/a?b",
      });
    },
  },
];
