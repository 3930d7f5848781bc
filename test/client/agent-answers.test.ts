import { once } from "node:events";
import { request } from "node:http";
import { fakeTime } from "@weft/testkit";
import { expect, test } from "vitest";
import { answerOf, call, responseOf } from "./node-http.ts";
import { NOTHING, rig } from "./rig.ts";

test("hands 100 and 103 on, and takes the head after them for the answer", async () => {
  const informational = [{ status: 103, headers: { link: "</style.css>" } }];
  await using lab = await rig({ count: 1, behaviour: { informational, body: "done" } });
  const sent = request("http://orders/", {
    agent: lab.mesh.agent(),
    method: "POST",
    headers: { expect: "100-continue", "content-length": "3" },
  });
  const told: number[] = [];
  sent.on("information", ({ statusCode }) => told.push(statusCode));
  sent.once("continue", () => sent.end("two"));
  expect(await answerOf(await responseOf(sent))).toMatchObject({ status: 200, body: "done" });
  expect(told).toEqual([100, 103]);
  expect(lab.journal.of("call.ended")).toMatchObject([{ status: 200, attempts: 1, endpoint: "endpoint-1" }]);
  expect(lab.held()).toEqual({ calls: 0, pending: 0, connections: 1 });
});

test.each([
  ["HEAD", { status: 200, headers: { "content-length": "1000" } }],
  ["GET", { status: 204 }],
  ["GET", { status: 304 }],
  ["GET", { status: 200, headers: { connection: "close" }, body: "last" }],
] as const)("%s answered with %j ends, and holds nothing", async (method, behaviour) => {
  await using lab = await rig({ count: 1, behaviour });
  const agent = lab.mesh.agent();
  for (let i = 0; i < 3; i++) expect((await call("http://orders/", { agent, method })).status).toBe(behaviour.status);
  expect(lab.held()).toMatchObject({ calls: 0, pending: 0 });
  expect(await lab.closed()).toEqual(NOTHING);
});

test("judges a bad status, and hands it on as it came", async () => {
  await using lab = await rig({ behaviour: { status: 503, headers: { "retry-after": "1" }, body: "busy" } });
  expect(await call("http://orders/", { agent: lab.mesh.agent() })).toMatchObject({ status: 503, body: "busy" });
  expect(lab.endpoints.requestCount()).toBe(1);
  expect(lab.stats().endpoints.map(({ failed }) => failed)).toEqual([1, 0]);
});

test.each([
  ["garbage", { kind: "garbage" }, /HPE_|ECONNRESET/],
  ["an end instead of an answer", { kind: "close" }, /ECONNRESET/],
  ["a reset in the body", { kind: "reset", at: "body", answer: { body: "0123456789" } }, /ECONNRESET/],
] as const)("blames the endpoint for %s, with node:http's own error", async (_, behaviour, code) => {
  await using lab = await rig({ count: 1, behaviour });
  await expect(call("http://orders/", { agent: lab.mesh.agent() })).rejects.toMatchObject({
    code: expect.stringMatching(code) as string,
  });
  expect(lab.stats().endpoints[0]).toMatchObject({ failed: 1, pending: 0 });
  expect(lab.held()).toMatchObject({ calls: 0, pending: 0 });
  expect(await lab.closed()).toEqual(NOTHING);
});

test("applies the rule that fits path, method and header", async () => {
  const time = fakeTime();
  await using lab = await rig({
    count: 1,
    behaviour: { kind: "stall", at: "before-head" },
    policy: {
      timeout: { total: "60s", attempt: "60s" },
      rules: [
        {
          when: { path: "/hurry/**", method: "POST", header: { "x-tenant": "a" } },
          timeout: { total: "50ms", attempt: "50ms", connect: "50ms" },
        },
      ],
    },
    mesh: { time },
  });
  const headers = { "X-Tenant": "a" };
  const hurried = { agent: lab.mesh.agent(), method: "POST", headers };
  // node:http does not show headers given as an array.
  const listed = { ...hurried, headers: ["X-Tenant", "a", "Host", "orders"] };
  for (const options of [hurried, listed]) {
    const late = expect(call("http://orders/hurry/up", options)).rejects.toMatchObject({
      code: expect.stringMatching(/ATTEMPT_TIMEOUT|DEADLINE_EXCEEDED/) as string,
    });
    await lab.endpoints.at(0).stalled();
    await time.advance(50);
    await late;
    await lab.endpoints.at(0).allClosed();
  }
  const patient = call("http://orders/hurry/up", { ...hurried, method: "GET" });
  await lab.endpoints.at(0).stalled();
  await time.advance(50);
  lab.endpoints.at(0).release();
  expect((await patient).status).toBe(200);
});

test("a port in the URL means nothing, and the suffix names the same service", async () => {
  await using lab = await rig({ count: 1 });
  const agent = lab.mesh.agent();
  expect((await call("http://orders:8080/", { agent })).endpoint).toBe("endpoint-1");
  expect((await call("http://orders.mesh/", { agent })).endpoint).toBe("endpoint-1");
  expect((await call("http://ORDERS/", { agent, setHost: false, headers: { host: "other" } })).endpoint).toBe(
    "endpoint-1",
  );
  expect(lab.endpoints.at(0).requests.map(({ headers }) => headers["host"])).toEqual([
    "orders:8080",
    "orders.mesh",
    "other",
  ]);
  expect(lab.endpoints.at(0).connections).toBe(1);
});

test("an idle connection that its endpoint closed is not taken", async () => {
  await using lab = await rig({ count: 1 });
  const agent = lab.mesh.agent();
  await call("http://orders/", { agent });
  const [[socket] = []] = Object.values(agent.freeSockets);
  if (socket === undefined) throw new Error("no connection was kept");
  const closed = once(socket, "close");
  lab.endpoints.at(0).closeIdle();
  await closed;
  expect(lab.held().connections).toBe(0);
  await call("http://orders/", { agent, method: "POST", body: "x" });
  expect(lab.endpoints.at(0).connections).toBe(2);
});

test("destroying the agent cuts what runs, blames nobody, and leaves an agent that works", async () => {
  await using lab = await rig({ count: 1, behaviour: { kind: "stall", at: "before-head" } });
  const agent = lab.mesh.agent();
  const running = expect(call("http://orders/", { agent })).rejects.toMatchObject({ code: "ECONNRESET" });
  await lab.endpoints.at(0).stalled();
  agent.destroy();
  await running;
  expect(lab.held()).toEqual(NOTHING);
  expect(lab.stats().endpoints[0]).toMatchObject({ failed: 0 });
  lab.endpoints.at(0).always({});
  expect((await call("http://orders/", { agent })).status).toBe(200);
});

test("a request's own timeout is the caller's to act on, and is not blamed on the endpoint", async () => {
  await using lab = await rig({ count: 1, behaviour: { kind: "stall", at: "before-head" } });
  const sent = request("http://orders/", { agent: lab.mesh.agent(), timeout: 30 });
  const failed = expect(responseOf(sent)).rejects.toThrow("too slow");
  sent.end();
  await once(sent, "timeout");
  sent.destroy(new Error("too slow"));
  await failed;
  expect(lab.stats().endpoints[0]).toMatchObject({ failed: 0, pending: 0 });
});
