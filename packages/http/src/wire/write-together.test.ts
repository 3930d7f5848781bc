import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { TLSSocket } from "node:tls";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DirectSocket } from "./direct-socket.ts";
import { endTogether, isHeld, writeTogether } from "./write-together.ts";

let server: Server;
let here: Socket;
let there: Socket;

async function connected(make: () => Socket): Promise<void> {
  server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  // The address of a server that listens on TCP is no string.
  here = make().connect((server.address() as AddressInfo).port, "127.0.0.1");
  [there] = (await once(server, "connection")) as [Socket];
  here.on("error", () => {});
  if (here.connecting) await once(here, "connect");
}

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

/** A turn that has two messages: from here on there is something to wait for. */
async function busyTurn(): Promise<void> {
  for (const unconnected of [new Socket(), new Socket()])
    writeTogether(
      unconnected.on("error", () => {}),
      "x",
    );
  await setImmediate();
}

describe.each([
  { what: "a socket of Node's", make: () => new Socket() },
  { what: "a direct socket", make: () => new DirectSocket() },
])("$what", ({ make }) => {
  beforeEach(() => connected(make));

  test("what is written is held until the turn of the event loop ends, and leaves by itself", async () => {
    await busyTurn();
    writeTogether(here, "a");
    expect(isHeld(here)).toBe(true);
    const [chunk] = await once(there, "data");
    expect(String(chunk)).toBe("a");
    expect([isHeld(here), here.writableLength]).toEqual([false, 0]);
  });

  test("what goes over TLS is held after any turn: all messages of one are to be one write of it", async () => {
    await busyTurn();
    writeTogether(here, "a");
    await setImmediate();
    const secure = new TLSSocket(new Socket()).on("error", () => {});
    writeTogether(secure, "b");
    expect(isHeld(secure)).toBe(true);
    secure.destroy();
  });

  test("after a turn with one message the next leaves at once, and those behind it are held", async () => {
    await busyTurn();
    writeTogether(here, "a");
    await setImmediate();
    writeTogether(here, "b");
    expect(isHeld(here)).toBe(false);
    writeTogether(here, "c");
    expect(isHeld(here)).toBe(true);
    await setImmediate();
    writeTogether(here, "d");
    expect(isHeld(here)).toBe(true);
    here.end();
    expect(await received()).toBe("abcd");
  });

  test("to a socket that has rested it is held also in quiet turns", async () => {
    for (let turn = 0; turn < 10; turn++) {
      writeTogether(here, "a");
      await setImmediate();
    }
    for (let turn = 0; turn < 10; turn++) {
      writeTogether(here, "b", true);
      expect(isHeld(here)).toBe(true);
      await setImmediate();
      expect(isHeld(here)).toBe(false);
    }
    here.end();
    expect(await received()).toBe("a".repeat(10) + "b".repeat(10));
  });

  test("after many such turns it is noticed within a few messages that there are more again", async () => {
    await busyTurn();
    for (let turn = 0; turn < 40; turn++) {
      writeTogether(here, "a");
      await setImmediate();
    }
    let sent = 0;
    while (!isHeld(here) && sent < 40) {
      writeTogether(here, "b");
      sent++;
    }
    expect(sent).toBeLessThan(20);
    here.end();
    expect(await received()).toBe("a".repeat(40) + "b".repeat(sent));
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
    await busyTurn();
    writeTogether(here, "a");
    here.end();
    expect([isHeld(here), here.writableLength]).toEqual([false, 0]);
    expect(await received()).toBe("a");
  });

  test("a socket that is destroyed before the turn ends takes none of the others along", async () => {
    const other = connect((server.address() as AddressInfo).port, "127.0.0.1");
    await once(server, "connection");
    other.on("error", () => {});
    await busyTurn();
    writeTogether(other, "lost");
    writeTogether(here, "kept");
    other.destroy();
    const [chunk] = await once(there, "data");
    expect(String(chunk)).toBe("kept");
  });

  test("an end together with others comes behind what is held, and closes without a shutdown of its own", async () => {
    await busyTurn();
    writeTogether(here, "a");
    endTogether(here);
    expect(here.destroyed).toBe(false);
    await setImmediate();
    expect([here.destroyed, here.writableEnded]).toEqual([true, false]);
    expect(await received()).toBe("a");
  });

  test("an end waits for what the kernel did not take", async () => {
    const length = 16 * 1024 * 1024;
    here.write("a".repeat(length));
    endTogether(here);
    expect([here.destroyed, here.writableEnded]).toEqual([false, true]);
    expect((await received()).length).toBe(length);
  });
});
