import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { DirectSocket } from "./direct-socket.ts";

/** Numbered lines: what is lost, doubled or out of place shows. */
const LINE_BYTES = 1_000;

function line(number: number): string {
  return `${number}\xe4`.padEnd(LINE_BYTES - 1, ".") + "\n";
}

test("what the kernel takes at once is on no book of the stream", async () => {
  const { here, received } = await pair();
  const text = "text with \xe4, ";
  const bytes = "and bytes \xff";
  here.send(text);
  here.send(Buffer.from(bytes, "latin1"));
  expect([here.writableLength, here.bytesWritten]).toEqual([0, text.length + bytes.length]);
  here.end();
  expect(await received()).toBe(text + bytes);
});

test.each(["text", "bytes"])("what it does not take (%s) is counted, waited for, and sent once", async (kind) => {
  const { here, there, received } = await pair();
  let sent = 0;
  const send = (): void => here.send(kind === "text" ? line(sent++) : Buffer.from(line(sent++), "latin1"));
  while (here.writableLength === 0) send();
  for (let more = 0; more < 100; more++) send();
  here.write(line(sent++), "latin1");
  here.cork();
  send();
  here.write(line(sent++), "latin1");
  here.uncork();
  send();
  expect(here.writableLength).toBeGreaterThan(103 * LINE_BYTES);
  expect(here.writableNeedDrain).toBe(true);
  const drained = once(here, "drain");
  const text = received();
  await drained;
  expect(here.writableLength).toBe(0);
  send();
  expect(here.writableLength).toBe(0); // by the short way again
  here.end(line(sent++), "latin1");
  await once(there, "end");
  const whole = await text;
  expect(whole.length).toBe(sent * LINE_BYTES);
  expect(whole === Array.from({ length: sent }, (_, number) => line(number)).join("")).toBe(true);
});

test("what is held goes before whatever is written behind it", async () => {
  const { here, received } = await pair();
  expect([here.hold("a"), here.hold("b"), here.holding]).toEqual([true, false, true]);
  here.write("c");
  expect(here.holding).toBe(false);
  here.hold("d");
  here.cork();
  here.send("e");
  expect(here.writableLength).toBe(2); // it waits with what the cork keeps
  here.write("f");
  here.uncork();
  here.hold("g");
  here.send("h");
  here.hold("i");
  here.end("j");
  expect(await received()).toBe("abcdefghij");
});

test("no more is held than a few messages", async () => {
  const { here, received } = await pair();
  let held = 0;
  do here.hold(line(held++));
  while (here.holding);
  expect(held * LINE_BYTES).toBeLessThan(32 * 1024);
  here.end();
  expect(await received()).toHaveLength(held * LINE_BYTES);
});

test("what is sent while it connects arrives when it has", async () => {
  const { here, received } = await pair(true);
  here.hold("a");
  here.send("b");
  expect(here.connecting).toBe(true);
  here.end("c");
  expect(await received()).toBe("abc");
});

test("an error of the system ends it, and is told once", async () => {
  const { here, there } = await pair();
  const errors: unknown[] = [];
  here.on("error", (error) => errors.push(error));
  const closed = new Promise((resolve) => here.on("close", resolve));
  there.resetAndDestroy();
  await once(there, "close");
  here.hold("a");
  here.sendHeld();
  expect(here.destroyed).toBe(true);
  here.hold("b");
  here.sendHeld(); // to nobody, and no error either
  await closed;
  expect(errors).toMatchObject([{ syscall: "write" }]);
});

test("what is sent behind its end is an error, as it is for any stream", async () => {
  const { here } = await pair();
  const failed = once(here, "error");
  here.end();
  here.send("late");
  expect((await failed)[0]).toMatchObject({ code: "ERR_STREAM_WRITE_AFTER_END" });
});

test("one that is destroyed while the kernel does not take all of it lets nobody wait", async () => {
  const { here } = await pair();
  while (here.writableLength === 0) here.send(line(0));
  const told = new Promise((resolve) => here.write("behind it", "latin1", resolve));
  const closed = once(here, "close");
  here.destroy();
  expect(await told).toBeInstanceOf(Error);
  await closed;
});

/** @param early as soon as it connects, and not when it is connected */
async function pair(early = false): Promise<{ here: DirectSocket; there: Socket; received: () => Promise<string> }> {
  const server = createServer({ pauseOnConnect: true }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  // The address of a server that listens on TCP is no string.
  const here = new DirectSocket();
  here.pause(); // so that it learns of a reset by a write
  here.connect((server.address() as AddressInfo).port, "127.0.0.1");
  onTestFinished(() => void here.destroy());
  const accepted = once(server, "connection") as Promise<[Socket]>;
  async function other(): Promise<Socket> {
    const [there] = await accepted;
    onTestFinished(() => void there.destroy());
    return there;
  }
  if (!early) await Promise.all([accepted, once(here, "connect")]);
  return {
    here,
    there: early ? here : await other(),
    async received() {
      let text = "";
      for await (const chunk of await other()) text += (chunk as Buffer).toString("latin1");
      return text;
    },
  };
}
