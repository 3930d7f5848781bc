import { seededRandom } from "@weft/testkit";
import { expect, test } from "vitest";
import { failure, type FailureReason, IGNORED, type Outcome, SUCCESS } from "../outcome.ts";
import type { ProbeResult } from "../policy/health-check/endpoint-health.ts";
import type { Random } from "../time/time.ts";
import type { NodeSnapshot } from "./cluster.ts";
import type { Lease } from "./lease.ts";
import { many, outliers, type Stage, stage } from "./stage.suite.ts";

// Whatever happens, in whatever order: these hold. Each seed is another story of a thousand steps.

test.each(Array.from({ length: 10 }, (_, seed) => ({ seed })))(
  "counts and fitness stay in order, story $seed",
  ({ seed }) => {
    const random = seededRandom(seed);
    const lab = stage(
      8,
      { outliers: outliers({ consecutiveFailures: 2, baseEjectionMs: 500 }), callsPerEndpoint: 20, slowStartMs: 1_000 },
      seed,
    );
    const held = new Set<Lease>();
    for (let step = 0; step < 1_000; step++) {
      act(lab, held, random);
      const wrong = disorder(lab);
      if (wrong !== undefined) expect.fail(`step ${step}: ${wrong}`);
    }

    for (const lease of held) lease.release(IGNORED);
    lab.cluster.update(many(8));
    lab.cluster.forgetChecks();
    for (const { id } of many(8)) lab.cluster.restore(id);
    expect(lab.available()).toHaveLength(8);
    for (const { pending } of lab.cluster.snapshot().endpoints) expect(pending).toBe(0);
  },
);

test.each(Array.from({ length: 4 }, (_, seed) => ({ seed })))(
  "all are back some time after the last failure, story $seed",
  ({ seed }) => {
    const random = seededRandom(100 + seed);
    const lab = stage(8, { outliers: outliers({ consecutiveFailures: 2, maxEjectionMs: 20_000 }) }, seed);
    const held = new Set<Lease>();
    for (let step = 0; step < 500; step++) act(lab, held, random);
    for (const lease of held) lease.release(failure("timeout"));
    lab.cluster.update(many(8));
    for (const { id } of many(8)) for (let i = 0; i < 2; i++) lab.cluster.checked(id, PASSED);
    // The longest ejections are those by hand (5 s) and 20 s with its jitter; then each has its trial at the next call.
    lab.clock.now += 25_000;
    for (let i = 0; i < 8; i++) lab.cluster.acquire(lab.call()).release(SUCCESS);
    expect(lab.available()).toHaveLength(8);
  },
);

const PASSED: ProbeResult = { kind: "passed" };
const FAILED: ProbeResult = { kind: "failed", why: "status 503" };

function act({ cluster, clock, call }: Stage, held: Set<Lease>, random: Random): void {
  const what = random.below(22);
  clock.now += random.unit() < 0.05 ? 700 : random.unit() * 20;
  if (what < 8) {
    const choice = cluster.choose(call());
    if (choice.kind === "chosen")
      held.add(
        random.below(2) === 0 ? cluster.acquire(call(random.below(3) > 0)) : cluster.lease(choice.endpoint, call()),
      );
  } else if (what < 12) any(held, random)?.answered(anyOutcome(random));
  else if (what < 17) {
    const lease = any(held, random);
    lease?.release(anyOutcome(random));
    if (lease !== undefined) held.delete(lease);
  } else if (what === 17) {
    const changed = many(8).filter(() => random.unit() < 0.8);
    cluster.update(
      changed.map((one) =>
        random.unit() < 0.1
          ? { ...one, port: 900 + random.below(3) }
          : random.unit() < 0.1
            ? { ...one, state: "failing" }
            : one,
      ),
    );
  } else if (what >= 20) cluster.checked(`e${random.below(8)}`, random.below(3) > 0 ? FAILED : PASSED);
  else if (what === 18) cluster.eject(`e${random.below(8)}`, 1 + random.below(5_000));
  else cluster.restore(`e${random.below(8)}`);
}

function any(held: Set<Lease>, random: Random): Lease | undefined {
  return [...held][random.below(held.size + 1)];
}

const REASONS: readonly FailureReason[] = [
  "connect",
  "reset",
  "timeout",
  "server-error",
  "overloaded",
  "protocol",
  "truncated",
];

function anyOutcome(random: Random): Outcome {
  const draw = random.unit();
  if (draw < 0.4) return SUCCESS;
  return draw < 0.5 ? IGNORED : failure(REASONS[random.below(REASONS.length)]!, random.below(2) * 3_000);
}

/** What is not as it must be; undefined when all is. */
function disorder({ cluster, clock }: Stage): string | undefined {
  const { endpoints, typicalMs, panicBy } = cluster.snapshot();
  const state = panicBy === "registry" ? "failing" : "passing";
  if (!(typicalMs > 0)) return `typical is ${typicalMs}`;
  const known = endpoints.filter(({ endpoint }) => endpoint.state === state);
  const anyHealthy = known.some(({ health }) => health.kind !== "unhealthy");
  if (panicBy === "active-checks" && anyHealthy) return "panic, though some pass";
  const meant = known.filter(({ health }) => !anyHealthy || health.kind !== "unhealthy");
  const odd = endpoints.find((node) => !isInOrder(node, clock.now, meant.includes(node)));
  if (odd !== undefined) return JSON.stringify(odd);
  const somebody = meant.some(({ available }) => available);
  // Nobody is left only where somebody ejected them all by hand.
  const byHand = meant.every(({ fitness }) => fitness.kind === "ejected" && fitness.byHand);
  return somebody || byHand ? undefined : "nobody is available, and not by hand";
}

function isInOrder(node: NodeSnapshot, nowMs: number, meant: boolean): boolean {
  const { pending, attempts, failed, failures, latencyMs = 0, fitness, available, out, slowStartRatio } = node;
  return (
    pending >= 0 &&
    pending <= attempts &&
    failed <= attempts &&
    failures >= 0 &&
    failures <= 1 &&
    latencyMs >= 0 &&
    latencyMs <= nowMs &&
    slowStartRatio >= 0.1 &&
    slowStartRatio <= 1 &&
    available === (meant && fitness.kind === "fit") &&
    available === (out.length === 0)
  );
}
