import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { constants, createSecureServer, type Http2SecureServer, type ServerHttp2Stream } from "node:http2";
import { createMesh } from "@weft/client";
import { Agent, request } from "undici";
import { expect, test } from "vitest";
import { NOTHING, rig } from "./rig.ts";

// Reference clients 1.2, 1.3 and 1.6: those traps of undici that are no other file's here.

test("HTTP/2 trap: a body cut off by RST_STREAM is lost, and no answer, through an agent of the user's own", async () => {
  await using lab = await http2Lab((stream) => {
    stream.respond({ ":status": 200, "content-length": 100 });
    stream.write("half", () => stream.close(constants.NGHTTP2_CANCEL));
  });
  const { statusCode, body } = await lab.call();
  expect(statusCode).toBe(200);
  await expect(body.text()).rejects.toMatchObject({ code: "CONNECTION_LOST" });
  expect(lab.counts()).toEqual({ attempts: 1, failed: 1, pending: 0, running: 0 });
});

test("HTTP/2 trap: what undici sends again after REFUSED_STREAM begins twice, and is one attempt", async () => {
  let streams = 0;
  await using lab = await http2Lab((stream) => {
    if (++streams === 1) stream.close(constants.NGHTTP2_REFUSED_STREAM);
    else {
      stream.respond({ ":status": 200 });
      stream.end("ok");
    }
  });
  const { body } = await lab.call();
  expect(await body.text()).toBe("ok");
  expect(streams).toBe(2);
  expect(lab.counts()).toEqual({ attempts: 1, failed: 0, pending: 0, running: 0 });
});

test("HTTP/2 trap: an abort reaches the second of two beginnings", async () => {
  let streams = 0;
  const waiting = Promise.withResolvers<ServerHttp2Stream>();
  await using lab = await http2Lab((stream) => {
    if (++streams === 1) stream.close(constants.NGHTTP2_REFUSED_STREAM);
    else waiting.resolve(stream);
  });
  const abort = new AbortController();
  const failed = expect(lab.call(abort.signal)).rejects.toMatchObject({ name: "AbortError" });
  const stream = await waiting.promise;
  const closed = once(stream, "close");
  abort.abort();
  await failed;
  await closed;
  expect(lab.counts()).toEqual({ attempts: 1, failed: 0, pending: 0, running: 0 });
});

test("AsyncLocalStorage trap: a call goes on in the context it was made in, on a connection that another made", async () => {
  await using lab = await rig({ count: 1 });
  const { mesh } = lab;
  const whose = new AsyncLocalStorage<string>();
  for (const name of ["the first", "the second"]) {
    await whose.run(name, async () => {
      await (await mesh.fetch("http://orders/")).text();
      expect(whose.getStore()).toBe(name);
      const { body } = await request("http://orders/", { dispatcher: mesh.dispatcher });
      expect(whose.getStore()).toBe(name);
      body.on("data", () => expect(whose.getStore()).toBe(name));
      await once(body, "end");
      expect(whose.getStore()).toBe(name);
    });
  }
  expect(lab.endpoints.at(0).connections).toBe(1);
  expect(await lab.closed()).toEqual(NOTHING);
});

test("global trap: install leaves the classes of the built-in fetch in their places", async () => {
  const classes = () => [Request, Response, Headers, FormData, WebSocket];
  const before = classes();
  await using mesh = createMesh({ registry: { orders: ["127.0.0.1:1"] } });
  using installed = mesh.install();
  expect(classes()).toEqual(before);
  expect(installed).toBeDefined();
});

interface Http2Lab extends AsyncDisposable {
  call(signal?: AbortSignal): ReturnType<typeof request>;
  counts(): object;
}

/** An endpoint that speaks HTTP/2, and a mesh that leaves the connections to an undici Agent. */
async function http2Lab(answer: (stream: ServerHttp2Stream) => void): Promise<Http2Lab> {
  const [ca, cert, key] = await Promise.all(
    ["authority.pem", "orders.pem", "orders-key.pem"].map((name) =>
      readFile(new URL(`certificates/${name}`, import.meta.url)),
    ),
  );
  const server: Http2SecureServer = createSecureServer({ cert, key });
  server.on("stream", (stream) => {
    stream.on("error", () => {});
    answer(stream as ServerHttp2Stream); // a server's are of that class; the types name the one above
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  const mesh = createMesh({
    registry: { orders: [`127.0.0.1:${port}`] },
    services: { orders: { retry: "off", outliers: "off" } },
  });
  const agent = new Agent({ connect: { ca: ca!, servername: "orders" } });
  const dispatcher = agent.compose(mesh.interceptor());
  return {
    call: (signal) => request("https://orders/", { dispatcher, signal: signal ?? null }),
    counts() {
      const { calls, endpoints } = mesh.stats().services.orders!;
      const { attempts, failed, pending } = endpoints[0]!;
      return { attempts, failed, pending, running: calls.running };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([mesh.close({ drainMs: 0 }), agent.destroy()]);
      server.close();
      await once(server, "close");
    },
  };
}
