import { expect, onTestFinished, test } from "vitest";
import { call, sidecarRig, type SidecarRig, type SidecarRigOptions } from "./rig.ts";

const FAILED = { status: 503, body: "not now" } as const;

async function started(rules: NonNullable<NonNullable<SidecarRigOptions["policy"]>["rules"]>): Promise<SidecarRig> {
  const rig = await sidecarRig({ policy: { rules, outliers: "off" } });
  onTestFinished(() => rig[Symbol.asyncDispose]());
  rig.endpoints.at(0).always(FAILED);
  return rig;
}

test.each([
  { path: "/reports/7?x=/a", status: 503 },
  { path: "/reports", status: 503 },
  { path: "http://orders/reports/7", status: 503 },
  { path: "/report", status: 200 },
  { path: "/?/reports/7", status: 200 },
])("a rule by path: $path is answered $status", async ({ path, status }) => {
  const { port } = await started([{ when: { path: "/reports/**" }, retry: "off" }]);
  expect((await call(port, path)).status).toBe(status);
});

test("a rule by method, and the first that matches counts", async () => {
  const { port } = await started([
    { when: { method: "DELETE", path: "/safe/*" }, retry: { maxRetries: 1 } },
    { when: { method: ["DELETE", "PUT"] }, retry: "off" },
  ]);
  const status = async (method: string, path: string): Promise<number> => (await call(port, path, { method })).status;
  expect(await status("DELETE", "/safe/1")).toBe(200);
  expect(await status("DELETE", "/1")).toBe(503);
  expect(await status("PUT", "/safe/1")).toBe(503);
  expect(await status("GET", "/1")).toBe(200);
});

test("a rule by header, whatever the case of its name, and by the Host that was asked for", async () => {
  const { port } = await started([
    { when: { header: { "X-Once": "*" } }, retry: "off" },
    { when: { header: { host: "orders.mesh" } }, retry: "off" },
  ]);
  expect((await call(port, "/", { headers: { "x-oNCE": "1" } })).status).toBe(503);
  expect((await call(port, "/", { host: "orders.mesh" })).status).toBe(503);
  expect((await call(port, "/")).status).toBe(200);
});

test.each([
  ["upgrade", "websocket", { connection: "upgrade", upgrade: "websocket" }],
  ["traceparent", "*", { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" }],
  ["x-request-deadline-ms", "9000", { "x-request-deadline-ms": "9000" }],
  ["content-length", "0", { "content-length": "0" }],
])("a rule by %s, which is not passed on as it came", async (name, value, headers) => {
  const { port } = await started([{ when: { header: { [name]: value } }, retry: "off" }]);
  expect((await call(port, "/", { headers: { ...headers } })).status).toBe(503);
  expect((await call(port, "/")).status).toBe(200);
});

test("a rule's own timeout", async () => {
  const { port, endpoints } = await started([{ when: { path: "/quick" }, timeout: { attempt: "30ms" }, retry: "off" }]);
  endpoints.at(0).always({ kind: "stall", at: "before-head" });
  expect(await call(port, "/quick")).toMatchObject({ status: 504, headers: { "x-weft-error": "ATTEMPT_TIMEOUT" } });
});
