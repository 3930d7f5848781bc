import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { DirectSocket } from "../wire/direct-socket.ts";
import { isHeld } from "../wire/write-together.ts";
import { writeWhole } from "./write-whole.ts";

const HEAD = "POST / HTTP/1.1\r\nhost: orders\r\n\r\n";

test.each([
  { bytes: undefined, why: "none" },
  { bytes: 0, why: "empty" },
  { bytes: 8 * 1024 - HEAD.length, why: "one string with its head" },
  { bytes: 8 * 1024 - HEAD.length + 1, why: "a piece of its own" },
  { bytes: 1024 * 1024, why: "more than the kernel takes at once" },
])("a body of $bytes bytes arrives behind its head, held or not: $why", async ({ bytes }) => {
  const { here, received } = await connection();
  // Bytes that are another or more than one where they pass for UTF-8.
  const body = bytes === undefined ? undefined : Buffer.alloc(bytes, "\u0000\u007f\u0080\u00ff", "latin1");
  // On a connection that has rested it waits, so that one which its peer has closed says so with nothing sent.
  writeWhole({ socket: here, rested: true }, HEAD, body);
  expect(isHeld(here)).toBe(true);
  await setImmediate();
  expect(isHeld(here)).toBe(false);
  writeWhole({ socket: here, rested: false }, HEAD, body);
  writeWhole({ socket: here, rested: false }, HEAD, body?.toString("latin1"));
  here.end();
  const whole = Buffer.concat([Buffer.from(HEAD), body ?? Buffer.alloc(0)]);
  expect(Buffer.compare(await received(), Buffer.concat([whole, whole, whole]))).toBe(0);
});

async function connection(): Promise<{ here: Socket; received: () => Promise<Buffer> }> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  // The address of a server that listens on TCP is no string.
  const here = new DirectSocket().connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [there] = (await once(server, "connection")) as [Socket];
  if (here.connecting) await once(here, "connect");
  onTestFinished(() => {
    here.destroy();
    there.destroy();
    server.close();
  });
  return {
    here,
    async received() {
      const chunks: Buffer[] = [];
      for await (const chunk of there) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks);
    },
  };
}
