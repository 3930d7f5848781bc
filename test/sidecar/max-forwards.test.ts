import type { Echo } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { call, sidecarRig } from "./rig.ts";

test("answers OPTIONS that may go no further itself, and passes on what may with one hop less", async () => {
  const rig = await sidecarRig({ count: 1 });
  onTestFinished(() => rig[Symbol.asyncDispose]());
  const ask = (hops: string) => call(rig.port, "/", { method: "OPTIONS", headers: { "max-forwards": hops } });
  expect(await ask("0")).toMatchObject({ status: 200, headers: { "content-length": "0" }, body: "" });
  expect(rig.endpoints.all[0]?.requests).toEqual([]);
  const passed = JSON.parse((await ask("3")).body) as Echo; // the endpoint's default answer is what it received
  expect(passed).toMatchObject({ method: "OPTIONS", headers: { "max-forwards": "2" } });
  expect(await rig.held()).toMatchObject({ calls: 0 });
});
