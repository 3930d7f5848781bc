import { expect, onTestFinished, test } from "vitest";
import { call, sidecarRig, type SidecarRig, type SidecarRigOptions } from "./rig.ts";

async function started(options?: SidecarRigOptions): Promise<SidecarRig> {
  const rig = await sidecarRig(options);
  onTestFinished(() => rig[Symbol.asyncDispose]());
  return rig;
}

interface Shown {
  readonly service: { readonly service: string };
  readonly decisions: readonly { readonly kind: string; readonly call: number; readonly text: string }[];
}

async function explained({ admin }: SidecarRig, query: string): Promise<Shown> {
  return JSON.parse((await admin(`/explain?service=orders&format=json&${query}`)).body) as Shown;
}

test("tells a call's whole way in words: pick, attempt, retry", async () => {
  const rig = await started();
  rig.endpoints.at(0).next({ status: 503, body: "" });
  await call(rig.port, "/");
  const { body } = await rig.admin("/explain?service=orders&last=5");
  const lines = body.trimEnd().split("\n");
  expect(lines).toHaveLength(5);
  for (const told of [
    "attempt 1 goes to endpoint-1; 2 of 2 endpoints available, 0 ejected",
    "attempt 1 at endpoint-1: 5xx answer",
    "retried after",
    "attempt 2 goes to endpoint-2",
    "attempt 2 at endpoint-2: success",
  ]) {
    expect(lines).toContainEqual(expect.stringContaining(`call 1: ${told}`));
  }
});

test("tells of one call, of the last decisions, and of failed calls alone", async () => {
  const rig = await started({ policy: { retry: "off" } });
  await call(rig.port, "/");
  rig.endpoints.at(0).next({ status: 503, body: "" });
  await call(rig.port, "/", { method: "POST", body: "x" });
  await call(rig.port, "/");
  const calls = async (query: string): Promise<number[]> =>
    (await explained(rig, query)).decisions.map((decision) => decision.call);
  expect(await calls("call=2")).toEqual([2, 2]);
  expect(await calls("last=3")).toEqual([2, 3, 3]);
  expect(await calls("failed")).toEqual([2, 2]);
});

test("tells why a call was refused: no endpoint, an open breaker, a limit", async () => {
  const rig = await started({ policy: { breaker: { minimumCalls: 1 }, retry: "off", limits: { calls: 1 } } });
  rig.endpoints.at(0).next({ kind: "stall", at: "before-head" }, { status: 500, body: "" });
  const held = call(rig.port, "/");
  await rig.endpoints.at(0).stalled();
  await call(rig.port, "/");
  rig.endpoints.at(0).release();
  await held;
  await call(rig.port, "/");
  await call(rig.port, "/");
  const { body } = await rig.admin("/explain?service=orders");
  expect(body).toContain("refused: limits.calls, 1 calls are running");
  expect(body).toContain("refused: the circuit is open");
  rig.registry.set("orders", []);
  const other = await started({ count: 0, registered: [] });
  await call(other.port, "/");
  expect((await other.admin("/explain?service=orders")).body).toContain("no endpoint: the registry knows none");
});
