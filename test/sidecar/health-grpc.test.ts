import type { IncomingHttpHeaders } from "node:http2";
import { expect, test } from "vitest";
import { checkedRig, nextEvent, passing } from "./checked-rig.ts";
import { type Answer, at, http2Endpoint, tcpEndpoint } from "./own-endpoints.ts";

const TIMES = { interval: "1s", timeout: "500ms", failAfter: 1, passAfter: 1 } as const;
const WHOLE = { ...TIMES, grpc: "" } as const;

const GRPC = { ":status": 200, "content-type": "application/grpc" } as const;
const SERVING = Buffer.from([0, 0, 0, 0, 2, 8, 1]);
const NOT_SERVING = Buffer.from([0, 0, 0, 0, 2, 8, 2]);

/** Answers with these bytes, and with this status behind them; null: none. */
function answers(message: Buffer, grpcStatus: string | null = "0"): Answer {
  return (stream) => {
    stream.respond(GRPC, { waitForTrailers: grpcStatus !== null });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": grpcStatus ?? "" }));
    stream.end(message);
  };
}

const trailersOnly = (grpcStatus: string): Answer => {
  return (stream) => stream.respond({ ...GRPC, "grpc-status": grpcStatus }, { endStream: true });
};

/** Why the first of two endpoints is unhealthy, of which the other serves. */
async function whyUnhealthy(port: number): Promise<string> {
  const fit = await http2Endpoint(answers(SERVING));
  const rig = await checkedRig({ health: WHOLE }, at(port, fit.port));
  const { endpoint, why } = await nextEvent(rig, "endpoint.unhealthy");
  expect(endpoint).toBe("e1");
  return why;
}

test("a check by gRPC takes an endpoint out that does not serve, and in again when it does", async () => {
  const [one, other] = [await http2Endpoint(answers(NOT_SERVING)), await http2Endpoint(answers(SERVING))];
  const rig = await checkedRig({ health: WHOLE }, at(one.port, other.port));
  const { endpoint, why } = await nextEvent(rig, "endpoint.unhealthy");
  expect([endpoint, why]).toEqual(["e1", expect.stringContaining("its health service says NOT_SERVING")]);
  one.answer = answers(SERVING);
  expect(await nextEvent(rig, "endpoint.healthy")).toMatchObject({ endpoint: "e1" });
});

test("a check by gRPC asks for the service that is named, and says who asks", async () => {
  const asked = Promise.withResolvers<IncomingHttpHeaders>();
  const message = Promise.withResolvers<Buffer>();
  const one = await http2Endpoint((stream, headers) => {
    asked.resolve(headers);
    stream.once("data", (bytes: Buffer) => message.resolve(bytes));
    answers(SERVING)(stream, headers);
  });
  const rig = await checkedRig({ health: { ...TIMES, grpc: "a.B" } }, at(one.port));
  expect(await passing(rig, asked.promise)).toMatchObject({
    ":method": "POST",
    ":path": "/grpc.health.v1.Health/Check",
    ":authority": "orders",
    "content-type": "application/grpc",
    te: "trailers",
    "user-agent": "weft-health-check",
  });
  expect([...(await message.promise)]).toEqual([0, 0, 0, 0, 5, 0x0a, 3, 0x61, 0x2e, 0x42]);
});

test("checks by gRPC go over one connection, one after the other", async () => {
  const third = Promise.withResolvers<void>();
  let checks = 0;
  const one = await http2Endpoint((stream, headers) => {
    if (++checks === 3) third.resolve();
    answers(SERVING)(stream, headers);
  });
  const rig = await checkedRig({ health: WHOLE }, at(one.port));
  await passing(rig, third.promise);
  expect(one.sessions).toBe(1);
});

test.each<{ what: string; answer: Answer; why: string }>([
  {
    what: "no health service",
    answer: trailersOnly("12"),
    why: "UNIMPLEMENTED: it has no grpc.health.v1.Health, so add that service, or check by http or tcp",
  },
  { what: "no health service, told behind", answer: answers(Buffer.alloc(0), "12"), why: "UNIMPLEMENTED: it has no" },
  { what: "another service", answer: trailersOnly("5"), why: 'NOT_FOUND: its health service knows no ""' },
  { what: "a failure", answer: answers(SERVING, "14"), why: "grpc-status UNAVAILABLE" },
  { what: "a status beyond gRPC's", answer: answers(SERVING, "99"), why: "grpc-status " },
  { what: "a status that is no number", answer: answers(SERVING, "ok"), why: "grpc-status UNKNOWN" },
  { what: "no trailers", answer: answers(SERVING, null), why: "has no grpc-status" },
  { what: "no message", answer: trailersOnly("0"), why: "malformed" },
  { what: "garbage", answer: answers(Buffer.from("garbage, and more of it")), why: "malformed" },
  { what: "two messages", answer: answers(Buffer.concat([SERVING, SERVING])), why: "malformed" },
  { what: "too much", answer: answers(Buffer.alloc(64 * 1024)), why: "malformed: too long" },
  {
    what: "an error of HTTP",
    answer: (stream) => (stream.respond({ ":status": 503 }), void stream.end("no")),
    why: "status 503, which is no answer of gRPC",
  },
  {
    what: "a page",
    answer: (stream) => (stream.respond({ ":status": 200, "content-type": "text/html" }), void stream.end("<p>")),
    why: "no answer of gRPC, by its content-type",
  },
  { what: "a reset", answer: (stream) => stream.close(2), why: "reset" },
  { what: "nothing", answer: () => {}, why: "no answer within 500 ms" },
  { what: "a head alone", answer: (stream) => stream.respond(GRPC), why: "no answer within 500 ms" },
  {
    what: "half a message",
    answer: (stream) => (stream.respond(GRPC), void stream.write(SERVING.subarray(0, 4))),
    why: "no answer within 500 ms",
  },
])("a check by gRPC fails for $what", async ({ answer, why }) => {
  expect(await whyUnhealthy((await http2Endpoint(answer)).port)).toContain(why);
});

test("a check by gRPC fails for one who speaks something else, hangs up, or says nothing", async () => {
  expect(await whyUnhealthy(await tcpEndpoint((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")))).toContain(
    "HTTP/2",
  );
  expect(await whyUnhealthy(await tcpEndpoint((socket) => socket.destroy()))).toContain("connection");
  expect(await whyUnhealthy(await tcpEndpoint(() => {}))).toContain("no answer within 500 ms");
});
