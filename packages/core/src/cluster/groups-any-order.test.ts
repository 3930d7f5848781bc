import { seededRandom } from "@weft/testkit";
import { expect, test } from "vitest";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { failure, SUCCESS } from "../outcome.ts";
import { roundRobin } from "../policy/round-robin/round-robin.ts";
import type { Random } from "../time/time.ts";
import type { Lease } from "./lease.ts";
import { outliers, type Stage, stage } from "./stage.suite.ts";

// As any-order.test.ts, with priorities and zones: whatever happens, in whatever order, these hold.

test.each(Array.from({ length: 10 }, (_, seed) => ({ seed })))(
  "shares make one and picks stay within their groups, story $seed",
  ({ seed }) => {
    const random = seededRandom(seed);
    const lab = stage(
      members(random),
      {
        outliers: outliers({ consecutiveFailures: 2, baseEjectionMs: 500 }),
        grouping: { picker: roundRobin, zones: { own: "a", callers: undefined } },
        callsPerEndpoint: 3,
        slowStartMs: 1_000,
      },
      seed,
    );
    const held: Lease[] = [];
    for (let step = 0; step < 1_000; step++) {
      const wrong = act(lab, held, random) ?? disorder(lab);
      if (wrong !== undefined) expect.fail(`step ${step}: ${wrong}`);
    }
  },
);

function members(random: Random): Endpoint[] {
  const all = Array.from({ length: 12 }, (_, i) => {
    const meta = { zone: "abc"[random.below(3)]!, priority: String(random.below(2)) };
    const state = random.unit() < 0.2 ? "failing" : random.unit() < 0.1 ? "draining" : "passing";
    return endpoint({ id: `e${i}`, host: "10.0.0.1", port: 1 + i, weight: 1 + random.below(3), meta, state });
  });
  return all.filter(() => random.unit() < 0.9);
}

/** @returns what is wrong with the pick that it made, if it made one */
function act(lab: Stage, held: Lease[], random: Random): string | undefined {
  const { cluster, clock, call } = lab;
  clock.now += random.unit() < 0.05 ? 700 : random.unit() * 20;
  const what = random.below(20);
  if (what >= 19) cluster.update(members(random));
  else if (what === 18) cluster.eject(`e${random.below(12)}`, 1 + random.below(2_000));
  else if (what === 17) cluster.checked(`e${random.below(12)}`, { kind: "failed", why: "status 503" });
  else if (what === 16) for (let i = 0; i < 2; i++) cluster.checked(`e${random.below(12)}`, { kind: "passed" });
  else if (what > 8) {
    const [lease] = held.splice(random.below(held.length + 1), 1);
    lease?.release(random.unit() < 0.7 ? SUCCESS : failure("connect"), clock.now);
  } else {
    const made = call();
    const choice = cluster.choose(made);
    if (choice.kind === "none") return undefined;
    held.push(cluster.lease(choice.endpoint, made));
    return wrongPick(lab);
  }
  return undefined;
}

function wrongPick({ cluster }: Stage): string | undefined {
  const pick = cluster.explain().at(-1)!;
  if (pick.kind !== "pick" || pick.verdict === "trial" || pick.group === undefined || pick.beyondGroup)
    return undefined;
  const { priority, zone, lookFrom } = pick.group;
  const { meta } = cluster.snapshot().endpoints.find((node) => node.endpoint.id === pick.endpoint)!.endpoint;
  if (zone !== undefined && meta["zone"] !== zone) return `${pick.endpoint} is not in zone ${zone}`;
  if (lookFrom !== undefined && meta["zone"] === lookFrom) return `${pick.endpoint} is in zone ${lookFrom}`;
  if (priority !== undefined && meta["priority"] !== String(priority)) return `${pick.endpoint} is not ${priority}`;
  return undefined;
}

/** What is not as it must be; undefined when all is. */
function disorder({ cluster }: Stage): string | undefined {
  const { division, endpoints } = cluster.snapshot();
  const { groups } = division;
  const sum = groups.reduce((all, { share }) => all + share, 0);
  if (groups.length > 0 && Math.abs(sum - 1) > 1e-9) return `shares make ${sum}`;
  if (groups.some((group) => group.endpoints === 0)) return "a group has nobody";
  if (groups.some(({ share }) => !(share > 0))) return "a group has no share";
  const odd = endpoints.find(({ slowStartRatio }) => !(slowStartRatio >= 0.1 && slowStartRatio <= 1));
  return odd && JSON.stringify(odd);
}
