import { expect, onTestFinished, test } from "vitest";
import { call, sidecarRig, type SidecarRig, type SidecarRigOptions } from "./rig.ts";

async function started(options?: SidecarRigOptions): Promise<SidecarRig> {
  const rig = await sidecarRig(options);
  onTestFinished(() => rig[Symbol.asyncDispose]());
  return rig;
}

/** Values of `/metrics` by name and labels. */
async function metrics({ admin }: SidecarRig): Promise<Readonly<Record<string, number>>> {
  const { body } = await admin("/metrics");
  const samples = [...body.matchAll(/^([a-z_]+(?:\{.*\})?) (\S+)$/gm)];
  return Object.fromEntries(samples.map(([, name, value]) => [name, Number(value)]));
}

test("an endpoint ejected by hand gets no call until it is restored, and explain says why", async () => {
  const rig = await started({ count: 2 });
  const { admin, port, endpoints } = rig;
  const [first, second] = endpoints.asEndpoints();
  const path = (action: string, id = ""): string => `/${action}?service=orders&endpoint=${encodeURIComponent(id)}`;
  const taken = (): readonly number[] => endpoints.all.map(({ requests }) => requests.length);

  await call(port, "/1");
  expect(taken()).toEqual([1, 0]);
  expect(await admin(`${path("eject", first?.id)}&for=10m`, "POST")).toMatchObject({ status: 200 });
  await call(port, "/2");
  expect(taken()).toEqual([1, 1]);
  expect(JSON.parse((await admin("/services/orders")).body)).toMatchObject({
    endpoints: [{ id: first?.id, available: false, why: expect.stringContaining("by hand") }, { available: true }],
  });
  expect((await admin("/explain?service=orders&last=2")).body).toContain(`goes to ${second?.id}`);
  expect(await admin(path("restore", first?.id), "POST")).toMatchObject({ status: 200 });
  await call(port, "/3");
  expect(taken()).toEqual([2, 1]);
});

test("a service that the policy lists is shown before its first call, and no other is made up", async () => {
  const { admin } = await started();
  expect(JSON.parse((await admin("/services")).body)).toMatchObject({ services: [{ name: "orders" }] });
  expect((await admin("/explain?service=billing")).status).toBe(404);
  expect((await admin("/services/billing")).status).toBe(404);
  expect(JSON.parse((await admin("/services")).body).services).toHaveLength(1);
});

test("calls are counted, at the listener and for their service", async () => {
  const rig = await started({ count: 1 });
  for (let i = 0; i < 3; i++) await call(rig.port, `/${i}`, { method: "POST", body: "0123456789" });
  await call(rig.port, "/", { host: "nobody" });
  const cluster = '{envoy_cluster_name="orders"}';
  const listener = '{envoy_http_conn_manager_prefix="outbound"}';
  expect(await metrics(rig)).toMatchObject({
    'weft_calls_total{service="orders"}': 3,
    'weft_calls_active{service="orders"}': 0,
    'envoy_cluster_upstream_rq_xx{envoy_cluster_name="orders",envoy_response_code_class="2"}': 3,
    [`envoy_cluster_upstream_rq_time_count${cluster}`]: 3,
    [`envoy_cluster_upstream_rq_active${cluster}`]: 0,
    [`envoy_cluster_upstream_cx_active${cluster}`]: 1,
    [`envoy_cluster_membership_healthy${cluster}`]: 1,
    [`envoy_http_downstream_rq_total${listener}`]: 4,
    [`envoy_http_downstream_rq_active${listener}`]: 0,
    'envoy_http_downstream_rq_xx{envoy_http_conn_manager_prefix="outbound",envoy_response_code_class="5"}': 1,
    'envoy_listener_downstream_cx_total{envoy_listener_address="outbound"}': 4,
    weft_ready: 1,
  });
});

test("failures are counted under the names that dashboards ask for", async () => {
  const rig = await started({ count: 1, policy: { retry: "off", outliers: { consecutiveFailures: 2 } } });
  await rig.endpoints.all[0]?.close();
  for (let i = 0; i < 3; i++) expect((await call(rig.port, "/")).status).toBe(502);
  const cluster = '{envoy_cluster_name="orders"}';
  expect(await metrics(rig)).toMatchObject({
    [`envoy_cluster_outlier_detection_ejections_overflow${cluster}`]: 1,
    'weft_endpoint_failed_attempts_total{service="orders",endpoint="endpoint-1"}': 3,
    'envoy_cluster_upstream_rq_xx{envoy_cluster_name="orders",envoy_response_code_class="5"}': 3,
  });
});

test("drain ends the process's work: not ready first, then no listener", async () => {
  const { admin, sidecar, port } = await started();
  expect((await admin("/ready")).status).toBe(200);
  expect((await admin("/drain", "POST")).status).toBe(202);
  await sidecar.drain();
  await expect(call(port, "/")).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("counts the attempts and connections of each endpoint", async () => {
  const rig = await started({ count: 1 });
  for (let i = 0; i < 3; i++) await call(rig.port, "/");
  expect(await metrics(rig)).toMatchObject({
    'envoy_cluster_upstream_rq_total{envoy_cluster_name="orders"}': 3,
    'envoy_cluster_upstream_cx_total{envoy_cluster_name="orders"}': 1,
  });
});
