import { expect } from "vitest";
import { block, get, type Pair } from "../field-block.ts";
import { headers } from "../frames.ts";
import { client } from "../raw-peer.ts";
import { answered, type Rule, type Story } from "../rule.ts";
import { serving } from "../serving.ts";
import { requestOf, stage } from "../stage.ts";
import { asked, field, MALFORMED } from "../whole-messages.ts";

/** A byte by its name. */
function byteName(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`;
}

/** RFC 9113 8.2: fields. */
export const FIELDS: readonly (Rule | Story)[] = [
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
  {
    section: "8.2.3",
    when: "a Cookie in crumbs",
    role: "server",
    does: "is one field, joined by a semicolon and a space",
    async run() {
      const { address } = await serving();
      const peer = await client(address);
      const crumbs: readonly Pair[] = [
        ["cookie", "a=b"],
        ["x-a", "v"],
        ["cookie", "c=d; e=f"],
        ["cookie", "g=h"],
      ];
      peer.send(headers(1, get("/show", ...crumbs), { end: true }));
      expect((await peer.message(1)).body.split("\n").filter((line) => line.startsWith("cookie"))).toEqual([
        "cookie: a=b; c=d; e=f; g=h",
      ]);
    },
  },
  {
    section: "8.2",
    when: "a request that came with upper-case names and Connection",
    role: "client",
    does: "is sent with lower-case names, and without what concerns a connection",
    async run() {
      const { call, endpoint, accepted } = await stage();
      call(endpoint, { lines: "X-Name: Value\r\nConnection: keep-alive, x-hop\r\nX-Hop: 1\r\nTE: trailers, gzip\r\n" });
      const peer = await accepted();
      const { fields } = await requestOf(peer, "/");
      const names = fields?.map(([name]) => name) ?? [];
      expect(fields).toContainEqual(["x-name", "Value"]);
      expect(names.filter((name) => name !== name.toLowerCase())).toEqual([]);
      for (const hop of ["connection", "keep-alive", "x-hop", "host", "transfer-encoding"]) {
        expect(names).not.toContain(hop);
      }
      expect(fields?.filter(([name, value]) => name === "te" && value !== "trailers")).toEqual([]);
    },
  },
];
