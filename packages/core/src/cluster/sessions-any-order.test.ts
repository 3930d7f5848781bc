import { seededRandom } from "@weft/testkit";
import { expect, test } from "vitest";
import type { OngoingCall } from "../call.ts";
import { failure, SUCCESS } from "../outcome.ts";
import type { Random } from "../time/time.ts";
import type { Lease } from "./lease.ts";
import { many, outliers, type Stage, stage } from "./stage.suite.ts";

const MOST = 4;

// Whatever happens to endpoints, in whatever order: each call of a session goes where that is kept, or the record says
// why not, and the state of its endpoint says the same. Each seed is another story of a thousand steps.

test.each(
  [true, false].flatMap((move) =>
    Array.from({ length: 5 }, (_, seed) => ({ seed, moves: move ? "moves" : "fails", move })),
  ),
)("a session stays, or $moves for a reason, story $seed", ({ seed, move }) => {
  const random = seededRandom(seed);
  const sessions = { tokenOf: ({ id }: { readonly id: string }) => `token of ${id}`, move };
  const outlierOptions = outliers({ consecutiveFailures: 2, baseEjectionMs: 500 });
  const lab = stage(6, { sessions, outliers: outlierOptions, callsPerEndpoint: MOST, slowStartMs: 1_000 }, seed);
  const tokens = Array.from({ length: 12 }, () => "");
  const held: Lease[] = [];
  for (let step = 0; step < 1_000; step++) {
    lab.clock.now += random.unit() < 0.05 ? 700 : random.unit() * 20;
    change(lab, held, random);
    const who = random.below(tokens.length);
    const call = lab.call();
    call.session = tokens[who]!;
    const choice = lab.cluster.choose(call);
    const lease = choice.kind === "chosen" ? lab.cluster.lease(choice.endpoint, call) : undefined;
    const wrong = disorder(lab, call, move);
    if (wrong !== undefined) expect.fail(`step ${step}: ${wrong}`);
    if (lease === undefined) continue;
    tokens[who] = sessions.tokenOf(lease.endpoint);
    held.push(lease);
  }
});

function change({ cluster }: Stage, held: Lease[], random: Random): void {
  const what = random.below(12);
  if (what < 7)
    held.splice(random.below(held.length + 1), 1)[0]?.release(random.below(3) > 0 ? SUCCESS : failure("reset"));
  else if (what === 7)
    cluster.update(
      many(6)
        .filter(() => random.unit() < 0.9)
        .map((one) => ({
          ...one,
          state: (["draining", "failing", "passing", "passing", "passing"] as const)[random.below(5)]!,
        })),
    );
  else if (what === 8) cluster.eject(`e${random.below(6)}`, 1 + random.below(2_000));
  else if (what === 9) cluster.restore(`e${random.below(6)}`);
  else cluster.checked(`e${random.below(6)}`, random.below(2) > 0 ? { kind: "failed", why: "" } : { kind: "passed" });
}

/** What is not as it must be about the call's pick; undefined when all is. */
function disorder({ cluster }: Stage, call: OngoingCall, move: boolean): string | undefined {
  const token = call.session;
  const [pick] = cluster.explain(call.number);
  if (pick?.kind !== "pick") return "there is no pick";
  const { verdict, session, endpoint } = pick;
  if (token === "") return session === undefined && verdict !== "session" ? undefined : "a session out of nothing";
  const keeper = cluster.snapshot().endpoints.find((node) => `token of ${node.endpoint.id}` === token);
  const odd = JSON.stringify([verdict, session, endpoint, keeper]);
  if (session === undefined) return `nothing is told of the session: ${odd}`;
  if (keeper === undefined) return session.fate === "lost" && verdict !== "session" ? undefined : odd;
  if (session.endpoint !== keeper.endpoint.id) return odd;
  const out = keeper.out.filter((reason) => reason !== "draining");
  // The lease of this pick counts already.
  const pending = keeper.pending - (endpoint === session.endpoint ? 1 : 0);
  if (session.fate === "kept")
    return verdict === "session" && endpoint === session.endpoint && out.length === 0 && pending < MOST
      ? undefined
      : odd;
  const isTold = session.fate === "full" ? pending >= MOST : out.some((reason) => reason === session.fate);
  if (!isTold || verdict === "session") return odd;
  return move || verdict === "trial" || verdict === "session-bound" ? undefined : odd;
}
