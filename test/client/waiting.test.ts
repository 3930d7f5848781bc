import { fakeTime } from "@weft/testkit";
import { request } from "undici";
import { expect, test } from "vitest";
import { NOTHING, rig } from "./rig.ts";

// How long things wait of which no policy says anything: as long as with undici.

test("a call that nothing bounds waits 300 s for the head of its answer", async () => {
  const time = fakeTime();
  await using lab = await rig({
    count: 1,
    behaviour: { kind: "stall", at: "before-head" },
    policy: { timeout: { total: "0s", attempt: "0s" }, retry: "off" },
    mesh: { time },
  });
  const sent = request("http://orders/", { dispatcher: lab.mesh.dispatcher });
  const failed = expect(sent).rejects.toMatchObject({ code: "ATTEMPT_TIMEOUT", message: /no answer came in time/ });
  await lab.endpoints.at(0).stalled();
  await time.advance(299_000);
  expect(lab.held().calls).toBe(1);
  await time.advance(1_000);
  await failed;
  expect(lab.held()).toEqual(NOTHING);
});

test.each([
  { says: "", afterMs: 3_000, connections: 1, why: "4 s where the endpoint says nothing" },
  { says: "", afterMs: 6_000, connections: 2, why: "4 s where the endpoint says nothing" },
  { says: "timeout=60", afterMs: 57_000, connections: 1, why: "2 s less than the endpoint keeps it" },
  { says: "timeout=60", afterMs: 60_000, connections: 2, why: "2 s less than the endpoint keeps it" },
])("after $afterMs ms idle there have been $connections connections: one is kept $why", async (row) => {
  const time = fakeTime();
  await using lab = await rig({
    count: 1,
    behaviour: { headers: row.says === "" ? {} : { "keep-alive": row.says } },
    mesh: { time },
  });
  const get = async (): Promise<void> => {
    await (await request("http://orders/", { dispatcher: lab.mesh.dispatcher })).body.dump();
  };
  await get();
  await time.advance(row.afterMs);
  await get();
  expect(lab.endpoints.at(0).connections).toBe(row.connections);
});
