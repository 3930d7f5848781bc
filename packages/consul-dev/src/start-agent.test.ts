import { expect, test } from "vitest";
import { fakeTime } from "@weft/testkit";
import { type AgentOptions, type DevAgent, startAgent } from "./index.ts";

const WEB = { Name: "web", ID: "w1", Port: 80, Check: { TTL: "10s" } };

async function withWeb(options: AgentOptions = {}): Promise<DevAgent> {
  const agent = await startAgent(options);
  agent.register(WEB);
  return agent;
}

const web = (agent: DevAgent, query = ""): Promise<Response> => fetch(`${agent.url}/v1/health/service/web${query}`);

async function statusOfWeb(agent: DevAgent): Promise<string> {
  return (await web(agent)).text().then((text) => /service:w1[^}]*"Status": "(\w+)"/s.exec(text)?.[1] ?? "gone");
}

test("expires a TTL and reaps the service after its time, on the clock it is given", async () => {
  const time = fakeTime();
  await using agent = await startAgent({ time });
  agent.register({ ...WEB, Check: { TTL: "10s", Status: "passing", DeregisterCriticalServiceAfter: "1m" } });
  expect(await statusOfWeb(agent)).toBe("passing");
  await time.advance(10_000);
  expect(await statusOfWeb(agent)).toBe("critical");
  await time.advance(50_000);
  expect(await statusOfWeb(agent)).toBe("critical");
  await time.advance(60_000);
  expect(await statusOfWeb(agent)).toBe("gone");
});

test("runs an HTTP check for real, and sees its target die", async () => {
  const time = fakeTime();
  await using target = await startAgent();
  await using agent = await startAgent({ time, random: { unit: () => 0 } });
  agent.register({ ...WEB, Check: { HTTP: `${target.url}/v1/status/leader`, Interval: "1s" } });
  const index = Number((await web(agent)).headers.get("x-consul-index"));
  const woken = web(agent, `?index=${index}`);
  await time.advance(0);
  expect(await (await woken).text()).toContain("200 OK Output:");
  await target.faults.goAway();
  const next = web(agent, `?index=${index + 1}`);
  await time.advance(1_000);
  expect(await (await next).text()).toContain("connection refused");
});

test.for([
  { fault: { kind: "status", status: 500, body: "No cluster leader" }, status: 500, text: "No cluster leader" },
  { fault: { kind: "html" }, status: 200, text: "<html>" },
  { fault: { kind: "empty" }, status: 200, text: "[]" },
] as const)("answers with $fault.kind once, then as before", async ({ fault, status, text }) => {
  await using agent = await withWeb();
  agent.faults.use(fault, { path: "/v1/health/", times: 1 });
  const broken = await web(agent);
  expect(broken.status).toBe(status);
  expect(await broken.text()).toContain(text);
  expect(await statusOfWeb(agent)).toBe("critical");
});

test("cuts a body, truncates JSON, and leaves a request without an answer until it closes", async () => {
  const agent = await withWeb();
  agent.faults.use({ kind: "cut" }, { times: 1 });
  await expect(web(agent).then((response) => response.text())).rejects.toThrow();
  agent.faults.use({ kind: "truncated" }, { times: 1 });
  await expect(web(agent).then((response) => response.json())).rejects.toThrow(SyntaxError);
  agent.faults.use({ kind: "hang" });
  const hanging = web(agent).then(
    () => "answered",
    () => "cut",
  );
  await agent.close();
  expect(await hanging).toBe("cut");
});

test("comes back on its port with what it knew, and after a restart with the reports that still hold", async () => {
  const time = fakeTime();
  await using agent = await withWeb({ time });
  agent.report("service:w1", "passing");
  await agent.faults.goAway();
  await expect(web(agent)).rejects.toThrow();
  await agent.faults.comeBack();
  expect(await statusOfWeb(agent)).toBe("passing");
  await time.advance(9_000);
  await agent.faults.restart();
  expect(await statusOfWeb(agent)).toBe("passing");
  await time.advance(1_000); // the report is over; the restarted agent counts the TTL from its own start
  expect(await statusOfWeb(agent)).toBe("passing");
  await agent.faults.restart();
  expect(await statusOfWeb(agent)).toBe("critical");
});

test("lets waiters return on an index reset, and when their caller leaves", async () => {
  await using agent = await withWeb();
  const index = Number((await web(agent)).headers.get("x-consul-index"));
  const reset = web(agent, `?index=${index}`);
  await expect.poll(() => agent.waiting()).toBe(1);
  agent.faults.resetIndex();
  expect(Number((await reset).headers.get("x-consul-index"))).toBeLessThan(index);
  const leaving = new AbortController();
  const left = fetch(`${agent.url}/v1/health/service/web?index=999`, { signal: leaving.signal }).catch(() => "left");
  await expect.poll(() => agent.waiting()).toBe(1);
  leaving.abort();
  expect(await left).toBe("left");
  await expect.poll(() => agent.waiting()).toBe(0);
});

test("answers late when it is slow, and drops whoever waits for that when it closes", async () => {
  const time = fakeTime();
  const agent = await withWeb({ time });
  agent.faults.use({ kind: "slow", ms: 3_000 }, { path: "/v1/health/" });
  let answered = false;
  const late = web(agent).finally(() => (answered = true));
  await expect.poll(() => time.pending()).toBe(3); // the TTL, the reaper and the answer
  await time.advance(2_999);
  expect(answered).toBe(false);
  await time.advance(1);
  expect((await late).status).toBe(200);
  const never = web(agent).catch(() => "dropped");
  await expect.poll(() => time.pending()).toBe(3);
  await agent.close();
  expect(await never).toBe("dropped");
  expect(time.pending()).toBe(0);
});

test("shows what it showed before while it is frozen", async () => {
  await using agent = await withWeb();
  expect(await statusOfWeb(agent)).toBe("critical");
  agent.faults.freeze(true);
  agent.report("service:w1", "passing");
  expect(await statusOfWeb(agent)).toBe("critical");
  agent.faults.freeze(false);
  expect(await statusOfWeb(agent)).toBe("passing");
});

test("shows no answer of before a reset when the indexes come round again", async () => {
  await using agent = await startAgent();
  agent.faults.resetIndex();
  agent.register({ ...WEB, Check: undefined });
  expect(await (await web(agent)).text()).toContain('"w1"');
  agent.deregister("w1");
  agent.faults.resetIndex();
  agent.register({ ...WEB, ID: "w2", Check: undefined });
  expect(await (await web(agent)).text()).toContain('"w2"');
});

test("tells the catalog of an output after five minutes, and at once together with another status", async () => {
  const time = fakeTime();
  await using agent = await startAgent({ time, random: { unit: () => 0.5 } });
  agent.register({ ...WEB, Check: { TTL: "1h", Status: "passing" } });
  agent.report("service:w1", "passing", "first");
  const output = async (): Promise<string> =>
    /"Output": "(first|second)"/.exec(await (await web(agent)).text())?.[1] ?? "";
  expect(await output()).toBe("");
  await time.advance(299_999);
  expect(await output()).toBe("");
  await time.advance(1);
  expect(await output()).toBe("first");
  agent.report("service:w1", "warning", "second");
  expect(await output()).toBe("second");
});

test("puts the node that near names first", async () => {
  await using agent = await withWeb();
  const far = { Node: "a-far", Address: "10.0.0.9", Service: { Service: "web", ID: "w2" } };
  await fetch(`${agent.url}/v1/catalog/register`, { method: "PUT", body: JSON.stringify(far) });
  const order = async (query: string): Promise<string> =>
    [...(await (await web(agent, query)).text()).matchAll(/"ID": "(w\d)"/g)].map(([, id]) => id).join(" ");
  expect(await order("")).toBe("w2 w1");
  expect(await order("?near=dev")).toBe("w1 w2");
  expect(await order("?near=_agent")).toBe("w1 w2");
  expect(await order("?near=a-far")).toBe("w2 w1");
  expect(await order("?near=nobody")).toBe("w2 w1");
});
