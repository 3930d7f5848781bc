import { Readable } from "node:stream";
import { FormData as UndiciFormData, request } from "undici";
import { describe, expect, test } from "vitest";
import { NOTHING, rig, type Rig, type RigOptions } from "./rig.ts";

const LIMIT = 4_096;
/** The first endpoint takes the whole request and resets; PUT is idempotent, so the second gets it too. */
async function twice(options: RigOptions = {}): Promise<Rig> {
  const lab = await rig({ ...options, policy: { retry: { bufferBytes: "4KiB" }, ...options.policy } });
  lab.endpoints.at(0).always({ kind: "reset", at: "request" });
  return lab;
}

async function* pieces(bytes: number): AsyncGenerator<Buffer> {
  for (let sent = 0; sent < bytes; sent += 512) {
    yield Buffer.alloc(Math.min(512, bytes - sent), "p");
    await Promise.resolve();
  }
}

describe("body replay bound", () => {
  test.each([
    ["a string", () => "two apples", "two apples"],
    ["a Buffer", () => Buffer.from("two apples"), "two apples"],
    ["an empty string", () => "", ""],
    ["a generator under the bound", () => pieces(LIMIT), "p".repeat(LIMIT)],
    ["a Readable under the bound", () => Readable.from(pieces(LIMIT)), "p".repeat(LIMIT)],
    ["a string over the bound, for it is there anyway", () => "x".repeat(LIMIT * 4), "x".repeat(LIMIT * 4)],
  ])("sends %s to the second endpoint as to the first", async (_, body, expected) => {
    await using lab = await twice();
    // undici takes iterables; its types list Readable only.
    const given = body() as string;
    const sent = await request("http://orders/", { dispatcher: lab.mesh.dispatcher, method: "PUT", body: given });
    expect(await sent.body.json()).toMatchObject({ endpoint: "endpoint-2", body: expected });
    expect(lab.endpoints.at(0).requests[0]?.body.toString()).toBe(expected);
    expect(await lab.closed()).toEqual(NOTHING);
  });

  test.each([
    ["generator", () => pieces(LIMIT + 1)],
    ["Readable", () => Readable.from(pieces(LIMIT + 1))],
  ])("does not repeat a %s over the bound, which arrives whole all the same", async (_, body) => {
    await using lab = await twice();
    const given = body() as Readable; // see above
    const sent = request("http://orders/", { dispatcher: lab.mesh.dispatcher, method: "PUT", body: given });
    await expect(sent).rejects.toMatchObject({ code: "CONNECTION_LOST" });
    expect(lab.endpoints.at(0).requests[0]?.body.length).toBe(LIMIT + 1);
    expect(lab.endpoints.at(1).requests).toHaveLength(0);
    expect(lab.journal.of("retry.denied")).toEqual([{ service: "orders", reason: "body" }]);
    expect(await lab.closed()).toEqual(NOTHING);
  });

  test("sends a body over the bound elsewhere when no connection was made, for nothing was taken from it", async () => {
    await using lab = await rig({ policy: { retry: { bufferBytes: "4KiB" } } });
    await lab.endpoints.at(0).refuse();
    const body = Readable.from(pieces(LIMIT * 3));
    const sent = await request("http://orders/", { dispatcher: lab.mesh.dispatcher, method: "POST", body });
    await sent.body.dump();
    expect(lab.endpoints.at(1).requests[0]?.body.length).toBe(LIMIT * 3);
  });

  test("encodes a FormData of undici anew for each attempt", async () => {
    await using lab = await twice();
    const form = new UndiciFormData();
    form.set("apples", "2");
    const sent = await request("http://orders/", { dispatcher: lab.mesh.dispatcher, method: "PUT", body: form });
    expect(await sent.body.json()).toMatchObject({
      endpoint: "endpoint-2",
      body: expect.stringMatching(/name="apples"\r\n\r\n2/) as string,
    });
  });

  const bodies: readonly (readonly [string, () => unknown])[] = [
    ["string", () => "two apples"],
    ["Blob", () => new Blob(["two apples"])],
    ["FormData", formWithApples],
    ["ReadableStream", () => new Response("two apples").body],
    ["Uint8Array", () => new TextEncoder().encode("two apples")],
  ];
  test.each(bodies)("repeats a %s of the built-in fetch, by mesh.fetch and by the dispatcher", async (_, body) => {
    await using lab = await twice({ policy: { outliers: "off", retry: { bufferBytes: "4KiB" } } });
    // Any of what fetch takes for a body, as far as the types go.
    const init = (): RequestInit => ({ method: "PUT", body: body() as string, duplex: "half" });
    for (const through of ["mesh.fetch", "dispatcher"] as const) {
      const response =
        through === "mesh.fetch"
          ? await lab.mesh.fetch("http://orders/", init())
          : await fetch("http://orders/", { ...init(), dispatcher: lab.mesh.dispatcher });
      expect(await response.json()).toMatchObject({
        endpoint: "endpoint-2",
        body: expect.stringContaining("two apples") as string,
      });
    }
    expect(lab.endpoints.at(0).requests).toHaveLength(2);
    expect(await lab.closed()).toEqual(NOTHING);
  });
});

test("a body that fails fails the call with its own error, and blames nobody", async () => {
  await using lab = await rig();
  const reason = new Error("disk on fire");
  async function* burning(): AsyncGenerator<Buffer> {
    yield Buffer.from("half");
    throw reason;
  }
  const body = Readable.from(burning());
  const sent = request("http://orders/", { dispatcher: lab.mesh.dispatcher, method: "PUT", body });
  await expect(sent).rejects.toBe(reason);
  expect(lab.stats().endpoints.map(({ failed, pending }) => ({ failed, pending }))).toEqual([
    { failed: 0, pending: 0 },
    { failed: 0, pending: 0 },
  ]);
  expect(lab.held()).toEqual(NOTHING);
});

test.each([
  ["a stream that had failed", "on"],
  ["a stream that had failed", "off"],
  ["a stream that fails while it is read", "on"],
  ["a stream that fails while it is read", "off"],
] as const)("%s, as an upload does whose client went away, blames no endpoint; retry: %s", async (when, retry) => {
  await using lab = await rig({ policy: retry === "off" ? { retry } : {} });
  const reason = Object.assign(new Error("aborted"), { code: "ECONNRESET" });
  const body = when.endsWith("had failed") ? failed(reason) : Readable.from(failing(reason));
  const sent = request("http://orders/", { dispatcher: lab.mesh.dispatcher, method: "PUT", body });
  await expect(sent).rejects.toBe(reason);
  expect(lab.stats().endpoints.map(({ failed: failures, pending }) => [failures, pending])).toEqual([
    [0, 0],
    [0, 0],
  ]);
  expect(lab.held()).toEqual(NOTHING);
});

test.each<[what: string, options: () => object, message: string]>([
  ["a query beside a path that has one", () => ({ query: { a: "b" } }), "Query params cannot be passed"],
  ["a header that cannot be read", () => ({ method: "HEAD", headers: unreadable() }), "no such secret"],
])("%s is the caller's mistake, and blames no endpoint", async (_, options, message) => {
  await using lab = await rig();
  const sent = lab.mesh.dispatcher.request({ origin: "http://orders", path: "/?x", method: "GET", ...options() });
  await expect(sent).rejects.toMatchObject({ name: "Error", message: expect.stringContaining(message) });
  expect(lab.stats().endpoints.map(({ failed: failures, pending }) => [failures, pending])).toEqual([
    [0, 0],
    [0, 0],
  ]);
  expect(lab.held()).toEqual(NOTHING);
});

test("a body's source is let go when the call ends early", async () => {
  await using lab = await rig({ count: 1, behaviour: { kind: "stall", at: "before-head" } });
  const source = new Readable({ read() {} });
  source.push("first");
  const abort = new AbortController();
  const { dispatcher } = lab.mesh;
  const sent = request("http://orders/", { dispatcher, method: "PUT", body: source, signal: abort.signal });
  const rejected = expect(sent).rejects.toMatchObject({ name: "AbortError" });
  await lab.endpoints.at(0).connected();
  abort.abort();
  await rejected;
  expect(source.destroyed).toBe(true);
  expect(lab.held()).toEqual(NOTHING);
});

function formWithApples() {
  const form = new FormData();
  form.set("fruit", "two apples");
  return form;
}

/** Fails before anybody reads it. */
function failed(reason: Error): Readable {
  const stream = new Readable({ read() {} });
  stream.on("error", () => {});
  stream.destroy(reason);
  return stream;
}

async function* failing(reason: Error): AsyncGenerator<Buffer> {
  yield Buffer.from("half");
  throw reason;
}

function unreadable(): Record<string, string> {
  return {
    get a(): string {
      throw new Error("no such secret");
    },
  };
}
