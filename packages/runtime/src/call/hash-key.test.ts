import type { HashOn } from "@weft/config";
import { crc32, type Word64, xxh64 } from "@weft/core";
import { seededRandom } from "@weft/testkit";
import { describe, expect, test } from "vitest";
import { HashKeys, type HashedRequest } from "./hash-key.ts";

interface Seen {
  readonly path?: string;
  readonly address?: string;
  readonly lines?: Readonly<Record<string, readonly string[]>>;
}

function request({ path = "/", address = "", lines = {} }: Seen): HashedRequest & { readonly cookies: string[] } {
  const cookies: string[] = [];
  return { path, address, cookies, values: (name) => lines[name] ?? [], setCookie: (line) => cookies.push(line) };
}

function header(name: string, terminal = false): HashOn {
  return { kind: "header", name, terminal };
}

function keyOf(on: readonly HashOn[], seen: Seen | HashedRequest): string | undefined {
  const of = "values" in seen ? seen : request(seen);
  return text(new HashKeys(on, xxh64, seededRandom(7)).of(of));
}

function text(word: Word64 | undefined): string | undefined {
  return word && String((BigInt(word.high >>> 0) << 32n) | BigInt(word.low >>> 0));
}

// Of policy-independent texts, from the tests of Envoy: see the vectors of core.
const FOO = "3728699739546630719";
const BAR = "5234164152756840025";
/** FOO rotated left by one, xor BAR. */
const FOO_BAR = String(((BigInt(FOO) << 1n) ^ BigInt(BAR)) & (2n ** 64n - 1n));

describe("a key", () => {
  const cookie: HashOn = { kind: "cookie", name: "id", mint: undefined, terminal: false };
  const query: HashOn = { kind: "query", name: "q", terminal: false };

  test.each<[what: string, on: HashOn, seen: Seen, key: string | undefined]>([
    ["a header", header("x"), { lines: { x: ["foo"] } }, FOO],
    ["no header", header("x"), { lines: { y: ["foo"] } }, undefined],
    ["a cookie", cookie, { lines: { cookie: ["a=b; id=foo; c"] } }, FOO],
    ["a cookie in quotes", cookie, { lines: { cookie: ["a=b", 'id="foo"'] } }, FOO],
    ["a cookie of a longer name", cookie, { lines: { cookie: ["xid=foo; idx=foo; id"] } }, undefined],
    ["an empty cookie", cookie, { lines: { cookie: ["id="] } }, undefined],
    ["a parameter", query, { path: "/a?x=1&q=foo&q=bar" }, FOO],
    ["a parameter of a longer name", query, { path: "/a?qq=foo&xq=foo" }, undefined],
    ["no parameter", query, { path: "/q=foo" }, undefined],
    ["a path", { kind: "path", terminal: false }, { path: "foo?bar" }, FOO],
    ["an address", { kind: "source-address", terminal: false }, { address: "foo" }, FOO],
    ["no address", { kind: "source-address", terminal: false }, {}, undefined],
  ])("of %s is its hash", (_, on, seen, key) => {
    expect(keyOf([on], seen)).toBe(key);
  });

  test("of two things is the first, rotated, and the second", () => {
    expect(keyOf([header("x"), header("y")], { lines: { x: ["foo"], y: ["bar"] } })).toBe(FOO_BAR);
    expect(keyOf([header("z"), header("x"), header("z")], { lines: { x: ["foo"] } })).toBe(FOO);
  });

  test("ends with a terminal one, when there is a hash by then", () => {
    const lines = { x: ["foo"], y: ["bar"] };
    expect(keyOf([header("x", true), header("y")], { lines })).toBe(FOO);
    expect(keyOf([header("z", true), header("y")], { lines })).toBe(BAR);
    expect(keyOf([header("x"), header("z", true), header("y")], { lines })).toBe(FOO);
  });

  test("does not depend on the order of a header's lines", () => {
    const key = keyOf([header("x")], { lines: { x: ["foo", "bar"] } });
    expect(key).toBe(keyOf([header("x")], { lines: { x: ["bar", "foo"] } }));
    expect(key).not.toBe(keyOf([header("x")], { lines: { x: ["foobar"] } }));
  });

  test("takes the bytes that came, whatever they stand for", () => {
    // As UTF-8 on the wire, read as latin1: the hash of the two bytes of e with an acute.
    expect(keyOf([header("x")], { lines: { x: ["\u00c3\u00a9"] } })).toBe("1717938401253289848");
  });

  test("of a megabyte is one like any other", () => {
    const long = "x".repeat(1_000_000);
    expect(keyOf([header("x")], { lines: { x: [long] } })).toBe(keyOf([header("x")], { lines: { x: [long] } }));
  });

  test("for a ring of nginx is its CRC-32, in the upper half", () => {
    const key = new HashKeys([header("x")], crc32, seededRandom(7)).of(request({ lines: { x: ["123456789"] } }));
    expect([key!.high >>> 0, key!.low]).toEqual([0xcbf4_3926, 0]);
  });
});

describe("a cookie that callers are given", () => {
  const minted = (ttlMs: number): HashOn => {
    return { kind: "cookie", name: "id", mint: { ttlMs, path: "/shop" }, terminal: false };
  };

  test("is set once, and hashes to the same when it comes back", () => {
    const first = request({});
    const key = keyOf([minted(90_500)], first);
    expect(first.cookies).toEqual([expect.stringMatching(/^id=[0-9a-f]{32}; Max-Age=91; Path=\/shop; HttpOnly$/)]);
    const second = request({ lines: { cookie: [first.cookies[0]!.split(";")[0]!] } });
    expect(keyOf([minted(90_500)], second)).toBe(key);
    expect(second.cookies).toEqual([]);
  });

  test("lasts until the caller closes, when it has no time of its own", () => {
    const first = request({});
    keyOf([minted(0)], first);
    expect(first.cookies[0]).not.toContain("Max-Age");
  });

  test("is another for each caller", () => {
    const keys = new HashKeys([minted(0)], xxh64, seededRandom(7));
    expect(text(keys.of(request({})))).not.toBe(text(keys.of(request({}))));
  });
});
