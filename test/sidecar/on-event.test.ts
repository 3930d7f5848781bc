import { once } from "node:events";
import { expect, test } from "vitest";
import { call, sidecarRig } from "./rig.ts";

test("what onEvent throws is a warning, and the call goes well", async () => {
  const warned = once(process, "warning");
  await using rig = await sidecarRig({
    options: {
      onEvent() {
        throw new Error("no such table");
      },
    },
  });
  expect(await call(rig.port, "/")).toMatchObject({ status: 200 });
  expect(await warned).toMatchObject([
    { name: "WeftListenerWarning", detail: expect.stringContaining("no such table") },
  ]);
});
