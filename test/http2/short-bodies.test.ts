import { expect, test } from "vitest";
import { block, get, post } from "./field-block.ts";
import { data, headers, reset } from "./frames.ts";
import { client } from "./raw-peer.ts";
import { serving } from "./serving.ts";

test("short bodies are whole when the heads of several requests came in front of them", async () => {
  const beside = await serving();
  const peer = await client(beside.address);
  peer.send(
    headers(1, post("/hold")),
    headers(3, post("/hold")),
    data(1, "one", { end: true }),
    data(3, "three", { end: true }),
  );
  await beside.until(() => beside.exchanges.length === 2);
  expect(beside.exchanges.map(({ whole, body }) => [whole?.toString(), body])).toEqual([
    ["one", undefined],
    ["three", undefined],
  ]);
});

test("a body that is in pieces, has trailers or goes on is read bit by bit, and one without content is none", async () => {
  const beside = await serving();
  const peer = await client(beside.address);
  peer.send(
    headers(1, post("/hold")),
    headers(3, post("/hold")),
    headers(5, post("/hold")),
    headers(7, post("/hold")),
    data(1, "pie"),
    data(1, "ces", { end: true }),
    data(3, "x"),
    headers(3, block(["x-sum", "1"]), { end: true }),
    data(5, "more"),
    data(7, "", { end: true }),
  );
  await beside.until(() => beside.exchanges.length === 4);
  expect(beside.exchanges.map(({ whole }) => whole)).toEqual([undefined, undefined, undefined, undefined]);
  expect(beside.exchanges.map(({ body }) => body !== undefined)).toEqual([true, true, true, false]);
});

test("a request that its caller resets at once is handled by nobody", async () => {
  const beside = await serving();
  const peer = await client(beside.address);
  peer.send(headers(1, post("/hold")), reset(1), headers(3, get("/ok"), { end: true }));
  expect((await peer.message(3)).body).toBe("ok");
  expect(beside.requests).toEqual(["/ok"]);
  expect(beside.left).toEqual([]);
});
