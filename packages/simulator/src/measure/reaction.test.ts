import { expect, test } from "vitest";
import { parseScenario } from "../scenario/load-scenario.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { type Reaction, reactionsOf } from "./reaction.ts";
import { SLICES, Tally } from "./tally.ts";

/** Four endpoints, of which #0 gets a share by second; 100 attempts a second, for 24 s. */
async function reactions(events: string, shareAt: (second: number) => number): Promise<readonly Reaction[]> {
  const { scenario } = await parseScenario(
    `duration: 24s\narrivals: { ratePerSecond: 100 }\nendpoints: [{ count: 4, latency: { constant: 1ms } }]\nevents: ${events}\n`,
    "x.yaml",
  );
  return reactionsOf(tallied(scenario, shareAt), scenario.events);
}

function tallied(scenario: Scenario, shareAt: (second: number) => number): Tally {
  const tally = new Tally(scenario, ["a", "b", "c", "d"], () => 0);
  for (let slice = 0; slice < SLICES; slice++) {
    const first = 100 * shareAt(slice / 10);
    tally.endpoints.forEach(({ bySlice }, index) => (bySlice[slice] = index === 0 ? first : (100 - first) / 3));
  }
  return tally;
}

const slow = "[{ at: 6s, until: 12s, endpoint: 0, factor: 5 }]";

test("counts from the beginning until the share is under half, and from the end until it is half again", async () => {
  const shareAt = (second: number): number => (second >= 8 && second < 15 ? 0.1 : 0.25);
  expect(await reactions(slow, shareAt)).toEqual([{ atMs: 6_000, endpoints: [0], detectMs: 2_100, recoverMs: 3_100 }]);
});

test("says nothing where the share stayed, or did not come back", async () => {
  expect(await reactions(slow, () => 0.25)).toMatchObject([{ detectMs: undefined, recoverMs: undefined }]);
  expect(await reactions(slow, (second) => (second < 7 ? 0.25 : 0))).toMatchObject([
    { detectMs: 1_100, recoverMs: undefined },
  ]);
});

test("takes a fair share for the former one where the event was there from the start", async () => {
  expect(await reactions("[{ at: 0s, endpoint: 0, hang: true }]", () => 0.1)).toMatchObject([{ detectMs: 100 }]);
});

test.each([
  "[{ at: 6s, fail: {} }]",
  "[{ at: 6s, endpoint: 0, remove: true }]",
  "[{ at: 6s, endpoint: 0, factor: 0.5 }]",
  "[{ at: 6s, registryStale: true }]",
])("%s is nothing that the share would tell of", async (events) => {
  expect(await reactions(events, () => 0.25)).toEqual([]);
});

test("looks at nobody who had no calls before", async () => {
  expect(await reactions(slow, (second) => (second < 6 ? 0 : 0.25))).toEqual([]);
});
