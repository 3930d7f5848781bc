import { describe, expect, test } from "vitest";
import { ReceivedBody } from "./received-body.ts";

function received() {
  const calls: string[] = [];
  const note = (what: string) => () => void calls.push(what);
  const body = new ReceivedBody({
    pause: note("pause"),
    resume: note("resume"),
    cancelled: (reason) => void calls.push(`cancelled: ${reason}`),
    settled: note("settled"),
  });
  return { body, calls };
}

const bytes = (size: number) => new Uint8Array(size);

describe("received body", () => {
  test("holds 64 KiB for a reader that does not read, and resumes when it has read them", async () => {
    const { body, calls } = received();
    body.push(bytes(65_535));
    expect(calls).toEqual([]);
    body.push(bytes(1));
    expect(calls).toEqual(["pause"]);
    const reader = body.stream.getReader();
    expect((await reader.read()).value?.length).toBe(65_535);
    expect((await reader.read()).value?.length).toBe(1);
    expect(calls).toEqual(["pause", "resume"]);
  });

  test("hands over what arrives while a reader waits", async () => {
    const { body } = received();
    const reader = body.stream.getReader();
    const read = reader.read();
    await Promise.resolve(); // the stream asks for bytes one tick after it was made
    body.push(Uint8Array.of(1));
    body.push(Uint8Array.of(2));
    body.end();
    expect((await read).value).toEqual(Uint8Array.of(1));
    expect((await reader.read()).value).toEqual(Uint8Array.of(2));
    expect((await reader.read()).done).toBe(true);
  });

  test("leaves the connection's memory alone", async () => {
    const { body } = received();
    const shared = Uint8Array.of(1, 2, 3);
    body.push(shared.subarray(1));
    await body.stream.getReader().read();
    expect([...shared]).toEqual([1, 2, 3]);
  });

  test("settles when the last byte is handed over, and not before", async () => {
    const { body, calls } = received();
    body.push(bytes(3));
    body.end();
    expect(body.complete).toBe(true);
    expect(calls).toEqual([]);
    await body.stream.getReader().read();
    expect(calls).toEqual(["settled"]);
  });

  test("fails a reader even when everything has arrived", async () => {
    const { body, calls } = received();
    body.push(bytes(3));
    body.end();
    body.fail("enough");
    await expect(body.stream.getReader().read()).rejects.toBe("enough");
    expect(calls).toEqual(["settled"]);
  });

  test("tells of a cancel only while bytes are on their way", async () => {
    const arriving = received();
    await arriving.body.stream.cancel("enough");
    expect(arriving.calls).toEqual(["settled", "cancelled: enough"]);
    const arrived = received();
    arrived.body.end();
    await arrived.body.stream.cancel("enough");
    expect(arrived.calls).toEqual(["settled"]);
  });

  test("takes nothing after its end", () => {
    const { body, calls } = received();
    body.fail("enough");
    body.push(bytes(100_000));
    body.end();
    body.fail("again");
    expect(calls).toEqual(["settled"]);
  });
});
