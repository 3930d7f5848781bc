import { endpoint } from "@weft/core";
import type { Echo } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { once } from "node:events";
import { createServer } from "node:net";
import { type RawCaller, rawCaller } from "../http/raw-caller.ts";
import { call, sidecarRig, type SidecarRig, type SidecarRigOptions } from "./rig.ts";

async function started(options?: SidecarRigOptions): Promise<SidecarRig> {
  const rig = await sidecarRig(options);
  onTestFinished(() => rig[Symbol.asyncDispose]());
  return rig;
}

function caller(port: number, text: string): RawCaller {
  const raw = rawCaller(`127.0.0.1:${port}`);
  raw.send(text.replaceAll("\n", "\r\n"));
  return raw;
}

/** A sidecar before an endpoint that answers every request with these bytes. */
async function answering(bytes: string): Promise<{ readonly port: number; readonly seen: () => string }> {
  let seen = "";
  const server = createServer((socket) => {
    socket
      .on("error", () => {})
      .on("data", (chunk) => {
        seen += chunk.toString("latin1");
        socket.write(bytes.replaceAll("\n", "\r\n"), "latin1");
      });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const rig = await started({ count: 0, registered: [endpoint({ id: "raw", host: "127.0.0.1", port })] });
  return { port: rig.port, seen: () => seen };
}

/** The body of the last answer, or "" when there is only a head. */
function behindHead(raw: RawCaller): string {
  return raw.text().slice(raw.text().lastIndexOf("\r\n\r\n") + 4);
}

test.each([
  {
    what: "the answer to HEAD",
    request: "HEAD / HTTP/1.1",
    answer: "HTTP/1.1 200 OK\nContent-Length: 5\n\n",
    head: "Content-Length: 5",
  },
  {
    what: "a 204",
    request: "DELETE / HTTP/1.1",
    answer: "HTTP/1.1 204 No Content\nx-a: 1\n\n",
    head: "204 No Content\r\nx-a: 1",
  },
  {
    what: "a 304 with the length of what did not change",
    request: "GET / HTTP/1.1",
    answer: "HTTP/1.1 304 Not Modified\nContent-Length: 5\nETag: e\n\n",
    head: "Content-Length: 5",
  },
])("$what has no body, and the connection goes on", async ({ request, answer, head }) => {
  const { port } = await answering(answer);
  const raw = caller(port, `${request}\nHost: orders\n\n`);
  await raw.shows("\r\n\r\n");
  expect(raw.text()).toContain(head);
  raw.send("GET /2 HTTP/1.0\r\nHost: orders\r\n\r\n");
  await raw.shows("HTTP/1.1 ", 2);
  expect(behindHead(raw)).toBe("");
});

test.each(["", "Content-Length: 0\n"])("a 204 says nothing of a length (RFC 9110 8.6), also after %j", async (line) => {
  const { port } = await answering(`HTTP/1.1 204 No Content\n${line}\n`);
  const raw = caller(port, "GET / HTTP/1.1\nHost: orders\n\n");
  await raw.shows("\r\n\r\n");
  expect(raw.text().toLowerCase()).not.toContain("content-length");
});

test("an empty answer says so by its length", async () => {
  const { port } = await answering("HTTP/1.1 200 OK\nContent-Length: 0\n\n");
  const raw = caller(port, "GET / HTTP/1.1\nHost: orders\n\n");
  await raw.shows("Content-Length: 0\r\n");
});

test("Expect: 100-continue is answered when the body is wanted, and not passed on", async () => {
  const { port, endpoints } = await started();
  const raw = caller(port, "PUT / HTTP/1.1\nHost: orders\nExpect: 100-continue\nContent-Length: 3\n\n");
  await raw.shows("HTTP/1.1 100 Continue\r\n\r\n");
  raw.send("one");
  await raw.shows("HTTP/1.1 200");
  const [request] = endpoints.at(0).requests;
  expect(request?.body.toString()).toBe("one");
  expect(request?.headers).not.toHaveProperty("expect");
});

test("no body is asked for when there is nobody to take it", async () => {
  const { port } = await started({ count: 0 });
  const raw = caller(port, "PUT / HTTP/1.1\nHost: orders\nExpect: 100-continue\nContent-Length: 3\n\n");
  await raw.shows("HTTP/1.1 503");
  expect(raw.text()).not.toContain("100 Continue");
});

test("103 is passed on, a 100 of the endpoint is not, and neither is one from before a retry", async () => {
  const hints = {
    informational: [{ status: 100 }, { status: 103, headers: { link: "</a.css>" } }],
    body: "ok",
  } as const;
  const { port, endpoints } = await started({ behaviour: hints });
  const raw = caller(port, "GET / HTTP/1.1\nHost: orders\n\n");
  await raw.shows("\r\n\r\nok");
  expect(raw.text()).toMatch(/^HTTP\/1\.1 103 [^\r]*\r\nlink: <\/a\.css>\r\n\r\nHTTP\/1\.1 200/);
  endpoints.at(0).next({ ...hints, status: 503 });
  const old = caller(port, "GET / HTTP/1.0\nHost: orders\n\n");
  await old.shows("\r\n\r\nok");
  expect(old.text()).toMatch(/^HTTP\/1\.1 200/);
});

test("trailers of an answer are passed on, but for those that frame or route", async () => {
  const { port } = await answering(
    "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nTrailer: x-sum\n\n3\none\n0\nx-sum: 7\n\n",
  );
  const raw = caller(port, "GET / HTTP/1.1\nHost: orders\nTE: trailers\nConnection: TE\n\n");
  await raw.shows("0\r\nx-sum: 7\r\n\r\n");
});

test("trailers of a request are passed on", async () => {
  const { port, seen } = await answering("HTTP/1.1 204 No Content\n\n");
  const raw = caller(port, "PUT / HTTP/1.1\nHost: orders\nTransfer-Encoding: chunked\n\n3\none\n");
  raw.send("0\r\nx-sum: 7\r\n\r\n");
  await raw.shows("HTTP/1.1 204");
  expect(seen()).toContain("0\r\nx-sum: 7\r\n\r\n");
});

test("a caller of HTTP/1.0 gets a chunked answer until its connection ends, or by its length and keep-alive", async () => {
  const { port, endpoints } = await started();
  endpoints.at(0).next({ body: "y".repeat(5_000), chunked: true });
  const raw = caller(port, "GET / HTTP/1.0\nHost: orders\n\n");
  expect(await raw.ending()).toBe("end");
  expect(raw.text()).not.toMatch(/transfer-encoding/i);
  expect(behindHead(raw)).toBe("y".repeat(5_000));
  const kept = caller(port, "GET / HTTP/1.0\nHost: orders\nConnection: keep-alive\n\n");
  await kept.shows("}");
  kept.send("GET / HTTP/1.0\r\nHost: orders\r\n\r\n");
  await kept.shows("HTTP/1.1 200", 2);
  expect(await kept.ending()).toBe("end");
});

test.each([
  { header: "x-request-deadline-ms", value: "700", most: 700 },
  { header: "x-envoy-expected-rq-timeout-ms", value: "700", most: 700 },
  { header: "grpc-timeout", value: "700m", most: 700 },
  { header: "grpc-timeout", value: "2S", most: 2_000 },
  { header: "grpc-timeout", value: "2 S", most: 15_000 },
  { header: "x-envoy-expected-rq-timeout-ms", value: "0", most: 15_000 },
  { header: "x-request-deadline-ms", value: "-1", most: 15_000 },
])("$header: $value leaves the endpoint at most $most ms", async ({ header, value, most }) => {
  const { port } = await started();
  const { headers } = JSON.parse((await call(port, "/", { headers: { [header]: value } })).body) as Echo;
  const left = Number(headers["x-request-deadline-ms"]);
  expect(left).toBeLessThanOrEqual(most);
  expect(left).toBeGreaterThan(most - 500);
});

test("a caller of gRPC that waits no more is refused", async () => {
  const { port, endpoints } = await started();
  expect((await call(port, "/", { headers: { "grpc-timeout": "0m" } })).status).toBe(504);
  expect(endpoints.requestCount()).toBe(0);
});

test("the caller's own deadline header is brought down to what is left", async () => {
  const { port } = await started();
  const asked = { "x-envoy-expected-rq-timeout-ms": "90000", "grpc-timeout": "90S" };
  const { headers } = JSON.parse((await call(port, "/", { headers: asked })).body) as Echo;
  const left = headers["x-request-deadline-ms"];
  expect(Number(left)).toBeLessThanOrEqual(15_000);
  expect(headers["x-envoy-expected-rq-timeout-ms"]).toBe(left);
  expect(headers["grpc-timeout"]).toMatch(new RegExp(`^${left}\\d{3}u$`));
});
