import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeTogether } from "./write-together.ts";

let server: Server;
let here: Socket;
let there: Socket;

beforeEach(async () => {
  server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  // The address of a server that listens on TCP is no string.
  here = connect((server.address() as AddressInfo).port, "127.0.0.1");
  [there] = (await once(server, "connection")) as [Socket];
  here.on("error", () => {});
  if (here.connecting) await once(here, "connect");
});

afterEach(() => {
  here.destroy();
  there.destroy();
  server.close();
});

/** What arrives until the socket ends. */
async function received(): Promise<string> {
  let text = "";
  for await (const chunk of there) text += String(chunk);
  return text;
}

test("what is written is held until the turn of the event loop ends, and leaves by itself", async () => {
  writeTogether(here, "a");
  expect(here.writableLength).toBe(1);
  const [chunk] = await once(there, "data");
  expect(String(chunk)).toBe("a");
  expect(here.writableLength).toBe(0);
});

test("whatever is written behind it stays behind it", async () => {
  writeTogether(here, "a");
  here.write("b");
  here.cork();
  here.write("c");
  here.uncork();
  writeTogether(here, "d");
  here.end("e");
  expect(await received()).toBe("abcde");
});

test("an end sends it at once, and a later turn finds nothing to do", async () => {
  writeTogether(here, "a");
  here.end();
  expect(here.writableLength).toBe(0);
  expect(await received()).toBe("a");
});

test("a socket that is destroyed before the turn ends takes none of the others along", async () => {
  const other = connect((server.address() as AddressInfo).port, "127.0.0.1");
  await once(server, "connection");
  other.on("error", () => {});
  writeTogether(other, "lost");
  writeTogether(here, "kept");
  other.destroy();
  const [chunk] = await once(there, "data");
  expect(String(chunk)).toBe("kept");
});
