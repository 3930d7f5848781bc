import { once } from "node:events";
import { connect } from "node:net";
import { checkPolicy, type Policy, type ServicePolicyInput } from "@weft/config";
import { expect, onTestFinished, test } from "vitest";
import { call, sidecarRig } from "./rig.ts";

/** What a reload may change of a service under its calls: picker, paths, limits, retries, checks. */
const TURNS: readonly ServicePolicyInput[] = [
  { balancer: { kind: "round-robin" }, retry: { maxRetries: 1 } },
  { balancer: { kind: "peak-ewma" }, hedge: { after: "200ms" }, limits: { connections: 40 } },
  { balancer: { kind: "maglev", hashOn: [{ header: "x-key" }] }, sticky: { cookie: { name: "home" } } },
  { balancer: { kind: "least-request" }, breaker: { failureRatio: 0.9 }, health: { http: "/", interval: "1s" } },
];

test("a new policy at every turn, callers that leave and questions of the admin API: no call fails, nothing is held", async () => {
  const rig = await sidecarRig({ count: 3, outbound: { limits: { connections: 500 } } });
  onTestFinished(() => rig[Symbol.asyncDispose]());
  const { port, sidecar, admin } = rig;
  let [over, reloads] = [false, 0];
  const reloading = async (): Promise<void> => {
    for (; reloads < 60; reloads++) await sidecar.reload(policyOf(TURNS[reloads % TURNS.length]!, 500 + (reloads % 7)));
    over = true;
  };
  const statuses = new Set<number>();
  const calling = async (): Promise<void> => {
    while (!over) statuses.add((await call(port, "/", { headers: { "x-key": "k" } })).status);
  };
  const leaving = async (turns: number): Promise<void> => {
    while (!over) {
      const socket = connect(port, "127.0.0.1").on("error", () => {});
      socket.write("POST / HTTP/1.1\r\nHost: orders\r\nContent-Length: 100\r\n\r\nsome of it");
      for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
      const closed = once(socket, "close");
      socket.resetAndDestroy();
      await closed;
    }
  };
  const asking = async (): Promise<void> => {
    for (const paths = ["/services", "/metrics", "/config", "/explain?failed"]; !over; paths.push(paths.shift()!))
      expect((await admin(paths[0]!)).status).toBe(200);
  };
  await Promise.all([reloading(), calling(), calling(), leaving(1), leaving(5), leaving(20), asking()]);
  expect([...statuses]).toEqual([200]);
  rig.endpoints.all.forEach((endpoint) => endpoint.closeIdle());
  await expect.poll(rig.held).toEqual({ calls: 0, pending: 0, connections: 0 });
  expect((await call(port, "/")).status).toBe(200);
});

function policyOf(orders: ServicePolicyInput, connections: number): Policy {
  const sidecar = {
    outbound: { listen: "127.0.0.1:0", limits: { connections } },
    admin: { listen: "127.0.0.1:0" },
  } as const;
  return checkPolicy(
    { version: 1, services: { orders }, sidecar, telemetry: { accessLog: "off" } },
    { home: "sidecar" },
  ).policy;
}
