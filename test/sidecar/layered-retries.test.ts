import { createMesh, type Mesh } from "@weft/client";
import type { ServicePolicyInput } from "@weft/config";
import { endpoint, meshEvents } from "@weft/core";
import { eventJournal, memoryRegistry } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { call, sidecarRig, type SidecarRig, type SidecarRigOptions } from "./rig.ts";

/** Three tries, without pauses that a test would wait for. */
const THREE = {
  maxRetries: 2,
  on: ["never-sent", "gateway-error", 500],
  backoff: { base: "1ms", max: "1ms" },
} as const;
const FAILED = { status: 503, body: "not now" } as const;
const BROKEN = { status: 500, body: "no" } as const;

async function started(options: SidecarRigOptions): Promise<SidecarRig> {
  const rig = await sidecarRig(options);
  onTestFinished(() => rig[Symbol.asyncDispose]());
  return rig;
}

/** An SDK whose only endpoint is the sidecar on this port, with the denials of its retries. */
function sdkBefore(port: number, retry: ServicePolicyInput["retry"] = THREE) {
  const registry = memoryRegistry();
  registry.set("orders", [{ id: "sidecar", host: "127.0.0.1", port }]);
  const events = meshEvents();
  const journal = eventJournal(events);
  const mesh: Mesh<"orders"> = createMesh({
    registry,
    services: { orders: { retry } },
    onEvent: (name, event) => events.emit(name, event),
  });
  onTestFinished(async () => {
    await mesh.close({ drainMs: 0 });
    await registry.close();
    journal.close();
  });
  return { mesh, denied: () => journal.of("retry.denied").map(({ reason }) => reason) };
}

test("three tries in the SDK and three in the sidecar are three requests for one call", async () => {
  const { port, endpoints } = await started({ count: 3, behaviour: FAILED, policy: { retry: THREE } });
  const { mesh, denied } = sdkBefore(port);
  const answer = await mesh.fetch("http://orders/");
  expect([answer.status, answer.headers.get("x-no-retry"), await answer.text()]).toEqual([503, "1", "not now"]);
  expect(endpoints.requestCount()).toBe(3);
  expect(denied()).toEqual(["refused-by-endpoint"]);
});

test("three tries in the SDK, the sidecar and an edge are three, too", async () => {
  const edge = await started({ count: 3, behaviour: FAILED, policy: { retry: THREE } });
  const behind = endpoint({ id: "edge", host: "127.0.0.1", port: edge.port });
  const sidecar = await started({ count: 0, registered: [behind], policy: { retry: THREE } });
  const { mesh } = sdkBefore(sidecar.port);
  expect((await mesh.fetch("http://orders/")).status).toBe(503);
  expect(edge.endpoints.requestCount()).toBe(3);
});

test("nobody repeats what the sidecar could not connect for", async () => {
  const { port, endpoints, journal } = await started({ count: 3, policy: { retry: THREE } });
  for (const one of endpoints.all) await one.refuse();
  const { mesh, denied } = sdkBefore(port);
  const answer = await mesh.fetch("http://orders/");
  expect([answer.status, answer.headers.get("x-no-retry")]).toEqual([502, "1"]);
  expect(journal.of("retry.started")).toHaveLength(2);
  expect(denied()).toEqual(["refused-by-endpoint"]);
});

test("a budget that is spent in the sidecar is spent for its callers", async () => {
  const retry = { ...THREE, budget: { ratio: 0, minPerSecond: 0 } };
  const { port, endpoints } = await started({ count: 3, behaviour: FAILED, policy: { retry } });
  const { mesh, denied } = sdkBefore(port);
  expect((await mesh.fetch("http://orders/")).status).toBe(503);
  expect(endpoints.requestCount()).toBe(1);
  expect(denied()).toEqual(["refused-by-endpoint"]);
});

test("what only the SDK repeats is its own: its retries say so, and the sidecar makes none in them", async () => {
  const retry = { ...THREE, on: ["gateway-error"] as const };
  const { port, endpoints, admin } = await started({ count: 3, behaviour: FAILED, policy: { retry } });
  endpoints.at(0).next(BROKEN);
  const { mesh, denied } = sdkBefore(port);
  const answer = await mesh.fetch("http://orders/");
  expect([answer.status, answer.headers.has("x-no-retry")]).toEqual([503, false]);
  const said = endpoints.all.flatMap(({ requests }) => requests.map(({ headers }) => headers["x-attempt"]));
  expect(said.toSorted()).toEqual(["2/3;by=sdk", "3/3;by=sdk", undefined]);
  expect(denied()).toEqual(["attempts"]);
  const { body } = await admin("/explain?service=orders");
  expect(body).toContain("not retried: left to the SDK: x-attempt 2/3;by=sdk");
});

test("a sidecar that makes no retries leaves them to the SDK", async () => {
  const { port, endpoints } = await started({ count: 3, behaviour: FAILED, policy: { retry: { maxRetries: 0 } } });
  const { mesh } = sdkBefore(port);
  expect((await mesh.fetch("http://orders/")).status).toBe(503);
  expect(endpoints.requestCount()).toBe(3);
});

test("an answer after a retry that went well asks for nothing", async () => {
  const { port, endpoints } = await started({ count: 2, policy: { retry: THREE } });
  endpoints.at(0).next(FAILED);
  expect((await call(port, "/")).headers).not.toHaveProperty("x-no-retry");
  expect(endpoints.at(1).requests[0]?.headers).toMatchObject({ "x-attempt": "2/3;by=sidecar" });
});
