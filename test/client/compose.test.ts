import { Agent, type Dispatcher, interceptors, MockAgent, request } from "undici";
import { expect, test } from "vitest";
import { NOTHING, rig } from "./rig.ts";

// Reference clients 1.4: what undici's own interceptors do on top of the mesh, and the mesh on top of an agent.

test("compose: redirect follows to the service by its logical name", async () => {
  await using lab = await rig({ count: 1 });
  lab.endpoints.at(0).next({ status: 302, headers: { location: "http://orders/next" }, body: "" });
  const dispatcher = lab.mesh.dispatcher.compose(interceptors.redirect({ maxRedirections: 1 }));
  const { statusCode, body } = await request("http://orders/first", { dispatcher });
  expect({ statusCode, answer: await body.json() }).toMatchObject({ statusCode: 200, answer: { path: "/next" } });
});

test("compose: cache keeps answers by the logical name, whichever endpoint gave them", async () => {
  await using lab = await rig({
    behaviour: { headers: { "cache-control": "max-age=60" }, body: "kept" },
    policy: { balancer: { kind: "round-robin" } },
  });
  const dispatcher = lab.mesh.dispatcher.compose(interceptors.cache());
  for (let i = 0; i < 5; i++) {
    const { body } = await request("http://orders/", { dispatcher });
    expect(await body.text()).toBe("kept");
  }
  expect(lab.endpoints.requestCount()).toBe(1);
});

test("compose: undici's retry sits outside, and sees what the mesh could not make good", async () => {
  await using lab = await rig({ count: 1, policy: { retry: "off", outliers: "off" } });
  lab.endpoints.at(0).next({ status: 503, body: "busy" });
  const dispatcher = lab.mesh.dispatcher.compose(interceptors.retry({ maxRetries: 1, minTimeout: 1 }));
  const { statusCode, body } = await request("http://orders/", { dispatcher });
  await body.dump();
  expect({ statusCode, requests: lab.endpoints.requestCount() }).toEqual({ statusCode: 200, requests: 2 });
});

test("compose: responseError throws what the mesh hands on", async () => {
  await using lab = await rig({
    count: 1,
    behaviour: { status: 500, headers: { "content-type": "text/plain" }, body: "broken" },
  });
  const dispatcher = lab.mesh.dispatcher.compose(interceptors.responseError());
  await expect(request("http://orders/", { dispatcher })).rejects.toMatchObject({ statusCode: 500, body: "broken" });
});

test("compose: deduplicate makes one call of those that are alike", async () => {
  await using lab = await rig({ count: 1, behaviour: { kind: "stall", at: "before-head" } });
  const dispatcher = lab.mesh.dispatcher.compose(interceptors.deduplicate());
  const calls = Promise.all([1, 2, 3].map(async () => (await request("http://orders/", { dispatcher })).body.text()));
  await lab.endpoints.at(0).stalled();
  lab.endpoints.at(0).release();
  expect(new Set(await calls).size).toBe(1);
  expect(lab.endpoints.requestCount()).toBe(1);
});

test("compose: the dns interceptor does not know logical names, and says so", async () => {
  await using lab = await rig({ count: 1 });
  const dispatcher = lab.mesh.dispatcher.compose(interceptors.dns());
  await expect(request("http://orders/", { dispatcher })).rejects.toMatchObject({
    code: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) as string,
  });
});

test("interceptor: an agent of the user's own carries balanced attempts", async () => {
  await using lab = await rig({ policy: { balancer: { kind: "round-robin" } } });
  await using agent = own();
  const dispatcher = agent.compose(lab.mesh.interceptor());
  for (let i = 0; i < 4; i++) await (await request("http://orders/", { dispatcher })).body.dump();
  expect(lab.endpoints.all.map(({ requests }) => requests.map(({ headers }) => headers["host"]))).toEqual([
    ["orders", "orders"],
    ["orders", "orders"],
  ]);
  expect(lab.held()).toEqual(NOTHING);
});

test("interceptor: retries a refused connection and an answer of 503 elsewhere", async () => {
  await using lab = await rig();
  await using agent = own();
  const dispatcher = agent.compose(lab.mesh.interceptor());
  lab.endpoints.at(0).always({ status: 503, body: "busy" });
  const first = await request("http://orders/", { dispatcher });
  await first.body.dump();
  await lab.endpoints.at(0).refuse();
  const second = await request("http://orders/", { dispatcher, method: "POST", body: "x" });
  await second.body.dump();
  expect([first, second].map(({ headers }) => headers["x-fake-endpoint"])).toEqual(["endpoint-2", "endpoint-2"]);
  expect(lab.held()).toEqual(NOTHING);
});

test("interceptor: an abort ends the attempt that the agent carries", async () => {
  await using lab = await rig({ behaviour: { kind: "stall", at: "before-head" } });
  await using agent = own();
  const abort = new AbortController();
  const dispatcher = agent.compose(lab.mesh.interceptor());
  const sent = request("http://orders/", { dispatcher, signal: abort.signal });
  await lab.endpoints.at(0).stalled();
  abort.abort();
  await expect(sent).rejects.toMatchObject({ name: "AbortError" });
  await lab.endpoints.at(0).allClosed();
  expect(lab.held()).toEqual(NOTHING);
});

test("interceptor: hosts outside the mesh go through the agent as they are", async () => {
  await using lab = await rig({ count: 1 });
  await using agent = own();
  const { body } = await request(lab.endpoints.at(0).origin, { dispatcher: agent.compose(lab.mesh.interceptor()) });
  expect(await body.json()).toMatchObject({ endpoint: "endpoint-1" });
  expect(lab.stats().endpoints[0]).toMatchObject({ attempts: 0 });
});

test.each<[string, (dispatch: Dispatcher["dispatch"]) => Dispatcher["dispatch"]]>([
  [
    "throws",
    () => () => {
      throw FULL;
    },
  ],
  [
    "refuses",
    () => (_, handler) => {
      handler.onResponseError?.(null as never, FULL);
      return false;
    },
  ],
  [
    "throws what is no error",
    () => () => {
      throw FULL.message;
    },
  ],
  [
    "begins, and throws",
    () => (_, handler) => {
      handler.onRequestStart?.(idle, {});
      throw FULL;
    },
  ],
])("interceptor: a dispatcher that %s at once blames nobody, and is asked once", async (_, limiter) => {
  await using lab = await rig();
  await using agent = own();
  let asked = 0;
  const dispatcher = agent
    .compose((dispatch) => {
      const limited = limiter(dispatch);
      return (options, handler) => (asked++, limited(options, handler));
    })
    .compose(lab.mesh.interceptor());
  const refused = request("http://orders/", { dispatcher });
  await expect(refused).rejects.toMatchObject({ message: FULL.message });
  expect({ asked, failures: lab.stats().endpoints.map(({ failed }) => failed) }).toEqual({
    asked: 1,
    failures: [0, 0],
  });
  expect(lab.held()).toEqual(NOTHING);
});

test("interceptor: what a dispatcher fails with later, before it begins, is of its connect", async () => {
  await using lab = await rig();
  await using agent = own();
  const later = agent.compose((dispatch) => (options, handler) => {
    if (lab.stats().endpoints[0]?.failed) return dispatch(options, handler);
    // As a connector does that has words of its own: undici gives a handler no controller then.
    setImmediate(() => handler.onResponseError?.(null as never, new Error("the proxy found nobody")));
    return true;
  });
  const { headers, body } = await request("http://orders/", { dispatcher: later.compose(lab.mesh.interceptor()) });
  await body.dump();
  expect(headers["x-fake-endpoint"]).toBe("endpoint-2");
  expect(lab.stats().endpoints.map(({ failed }) => failed)).toEqual([1, 0]);
});

test("interceptor: an agent that was destroyed blames nobody, and says so in its own words", async () => {
  await using lab = await rig();
  const agent = new Agent();
  const dispatcher = agent.compose(lab.mesh.interceptor());
  await agent.destroy();
  await expect(request("http://orders/", { dispatcher })).rejects.toMatchObject({ code: "UND_ERR_DESTROYED" });
  expect(lab.stats().endpoints).toMatchObject([{ attempts: 1, failures: 0 }, { attempts: 0 }]);
});

test("interceptor: a mock that says at once what a network would is tried elsewhere", async () => {
  await using lab = await rig();
  await using agent = own();
  const [first, second] = lab.endpoints.asEndpoints();
  const mock = new MockAgent({ agent });
  const refusal = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  mock.get(`http://${first?.host}:${first?.port}`).intercept({ path: "/" }).replyWithError(refusal);
  mock.get(`http://${second?.host}:${second?.port}`).intercept({ path: "/" }).reply(200, "second");
  const { body } = await request("http://orders/", { dispatcher: mock.compose(lab.mesh.interceptor()) });
  expect(await body.text()).toBe("second");
  expect(lab.stats().endpoints.map(({ failures }) => failures > 0)).toEqual([true, false]);
});

test("interceptor: headers that throw when they are read blame nobody", async () => {
  await using lab = await rig();
  await using agent = own();
  const headers = {
    get accept(): string {
      throw FULL;
    },
  };
  const sent = request("http://orders/", { dispatcher: agent.compose(lab.mesh.interceptor()), headers });
  await expect(sent).rejects.toBe(FULL);
  expect(lab.stats().endpoints.map(({ failures }) => failures)).toEqual([0, 0]);
});

const FULL = new Error("the limiter is full");
const idle: Dispatcher.DispatchController = {
  aborted: false,
  reason: null,
  paused: false,
  pause() {},
  resume() {},
  abort() {},
};

function own(): Agent & AsyncDisposable {
  const agent = new Agent();
  return Object.assign(agent, { [Symbol.asyncDispose]: () => agent.destroy() });
}
