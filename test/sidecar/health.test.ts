import type { FakeEndpoint } from "@weft/testkit";
import { expect, test } from "vitest";
import { checkedRig, type CheckedRig, nextEvent, passing } from "./checked-rig.ts";
import { call } from "./rig.ts";

const HEALTH = { http: "/healthz", interval: "1s", timeout: "500ms", failAfter: 2, passAfter: 2 } as const;
const started = (): Promise<CheckedRig> => checkedRig({ health: HEALTH });

/** Answers its checks with this status, and all else with `ok`. */
function checks(endpoint: FakeEndpoint, status: number): void {
  endpoint.always(({ path }) => (path === "/healthz" ? { status, body: "" } : { body: "ok" }));
}

test("an endpoint that fails its checks gets no calls, and gets them again when it passes", async () => {
  const rig = await started();
  const { endpoints, journal, port } = rig;
  checks(endpoints.at(0), 500);
  checks(endpoints.at(1), 204);
  const { endpoint, why } = await nextEvent(rig, "endpoint.unhealthy");
  expect([endpoint, why]).toEqual(["endpoint-1", expect.stringContaining("status 500")]);
  expect((await call(port, "/")).headers["x-fake-endpoint"]).toBe("endpoint-2");
  checks(endpoints.at(0), 200);
  expect(await nextEvent(rig, "endpoint.healthy")).toMatchObject({ endpoint: "endpoint-1" });
  expect((await call(port, "/")).headers["x-fake-endpoint"]).toBe("endpoint-1");
  expect(journal.of("endpoint.ejected")).toEqual([]);
});

test("checks name the service, say who asks, and leave their connection to the calls", async () => {
  const rig = await started();
  const { endpoints, port } = rig;
  checks(endpoints.at(0), 200);
  await passing(rig, endpoints.at(0).requestCount(1));
  await call(port, "/");
  const [check] = endpoints.at(0).requests;
  expect(check).toMatchObject({ method: "GET", path: "/healthz" });
  expect(check?.headers).toMatchObject({ host: "orders", "user-agent": "weft-health-check" });
  expect(endpoints.at(0).connections).toBe(1);
});

test("a check that takes too long has failed, and lets go of its connection", async () => {
  const rig = await started();
  rig.endpoints.at(0).always({ kind: "stall", at: "before-head" });
  expect((await nextEvent(rig, "endpoint.unhealthy")).why).toContain("no answer within 500 ms");
  await passing(rig, rig.endpoints.at(0).allClosed());
});

test("an endpoint that refuses fails its checks, too", async () => {
  const rig = await started();
  await rig.endpoints.at(0).refuse();
  const { endpoint, why } = await nextEvent(rig, "endpoint.unhealthy");
  expect([endpoint, why]).toEqual(["endpoint-1", expect.stringContaining("ECONNREFUSED")]);
  expect((await call(rig.port, "/")).headers["x-fake-endpoint"]).toBe("endpoint-2");
});

test("when none passes, the checks are ignored", async () => {
  const rig = await started();
  for (const endpoint of rig.endpoints.all) checks(endpoint, 503);
  expect(await nextEvent(rig, "membership.panic")).toMatchObject({ on: true, by: "active-checks" });
  expect((await call(rig.port, "/")).status).toBe(200);
});

test("`/services` shows who fails, and `/explain` counts them", async () => {
  const rig = await started();
  checks(rig.endpoints.at(0), 500);
  await nextEvent(rig, "endpoint.unhealthy");
  await call(rig.port, "/");
  expect((await rig.admin("/explain?service=orders")).body).toContain("1 unhealthy by active checks");
  expect((await rig.admin("/services")).body).toContain("unhealthy");
});
