import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { expect, test } from "vitest";
import { accept, boundTo } from "./acceptors.ts";

const HOST = "127.0.0.1";

/** What accepts, and how many connections each of the servers has taken. */
function counting() {
  const taken: number[] = [];
  const another = (): Server => {
    const at = taken.push(0) - 1;
    return createServer((socket) => {
      taken[at]!++; // pushed above
      socket.end();
    });
  };
  return { taken, another, first: another() };
}

test.runIf(process.platform === "linux")("connections are spread over servers that share a port", async () => {
  const { taken, another, first } = counting();
  const others = await accept(first, { host: HOST, port: 0 }, another);
  // It listens on TCP, so the address is no string.
  const { port } = first.address() as AddressInfo;
  expect(new Set([first, ...others].map(boundTo))).toEqual(new Set([`${HOST}:${port}`]));
  for (let i = 0; i < 100; i++) await once(connect(port, HOST).resume(), "close");
  expect(taken.reduce((sum, each) => sum + each)).toBe(100);
  expect(taken.filter((each) => each > 0).length).toBeGreaterThan(1);
  for (const server of [first, ...others]) server.close();
});

test("a host's name is looked up, and all have what it stands for", async () => {
  const { another, first } = counting();
  const others = await accept(first, { host: "localhost", port: 0 }, another);
  expect(new Set(others.map(boundTo)).size).toBeLessThan(2);
  for (const server of [first, ...others]) server.close();
});

test("a port that is taken is refused, also by those who would share theirs", async () => {
  const { first, another } = counting();
  const others = await accept(first, { host: HOST, port: 0 }, another);
  const { port } = first.address() as AddressInfo; // as above
  const late = counting();
  await expect(accept(late.first, { host: HOST, port }, late.another)).rejects.toMatchObject({ code: "EADDRINUSE" });
  expect(late.first.listening).toBe(false);
  for (const server of [first, ...others]) server.close();
  const again = await accept(late.first, { host: HOST, port }, late.another);
  for (const server of [late.first, ...again]) server.close();
});

test.runIf(process.platform === "linux")("where one of them cannot listen, none does", async () => {
  const { first, another } = counting();
  const made: Server[] = [];
  const busy = another().listen(0, HOST);
  await once(busy, "listening");
  const third = (): Server => {
    if (made.length === 2) return busy;
    made.push(another());
    return made.at(-1)!; // it has just been pushed
  };
  await expect(accept(first, { host: HOST, port: 0 }, third)).rejects.toMatchObject({
    code: "ERR_SERVER_ALREADY_LISTEN",
  });
  expect([first, ...made].map(({ listening }) => listening)).toEqual([false, false, false]);
  busy.close();
});

test("where no other server can be made, one accepts", async () => {
  const { first } = counting();
  expect(await accept(first, { host: HOST, port: 0 }, undefined)).toEqual([]);
  first.close();
});
