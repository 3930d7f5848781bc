import type { ServicePolicyInput } from "@weft/config";
import type { Random } from "@weft/core";
import { type DefaultBehaviour, seededRandom } from "@weft/testkit";
import type { CallSpec } from "../home.ts";
import { advance, call, comesBack, held, idleEnds, letGo, members, refuses, type Step } from "../steps.ts";
import type { Story } from "../story.ts";

const COUNT = 4;
const STEPS = 60;
/** What an endpoint does, by a word of the path. */
const DOES = {
  ok: { body: "ok" },
  held: { kind: "stall", at: "before-head", answer: { body: "ok" } },
  "404": { status: 404, body: "none" },
  "429": { status: 429, body: "", headers: { "retry-after": "1" } },
  "500": { status: 500, body: "" },
  "503": { status: 503, body: "not now" },
  never: { status: 503, body: "", headers: { "x-no-retry": "1" } },
  long: { body: "x".repeat(20_000) },
  chunks: { body: "y".repeat(9_000), chunked: true },
  reset: { kind: "reset", at: "request" },
  close: { kind: "close" },
  cut: { kind: "truncate", answer: { body: "x".repeat(20_000) } },
  garbage: { kind: "garbage" },
} as const satisfies Readonly<Record<string, DefaultBehaviour>>;
const WORDS = Object.keys(DOES) as readonly (keyof typeof DOES)[];
const BALANCERS = ["round-robin", "weighted-round-robin", "least-request", "peak-ewma", "random", "first"] as const;
const FAR_MS = 6_000;

/**
 * A story of some sixty steps drawn from a seed: calls that go well and badly, endpoints that vanish and return, a
 * registry that changes its mind, time that passes. What endpoint i does stands in word i of a call's path, so that it
 * hangs on no order of events.
 */
export function generated(seed: number): Story {
  const random = seededRandom(seed);
  const steps: Step[] = [];
  const away = new Set<number>();
  // A stream goes by connections of its own in the SDK, undici's. So which connection is one that lay idle differs, and
  // with it what its reset means: a story has streams, or endpoints that end connections.
  const streams = seed % 2 === 0;
  for (let i = 0; i < STEPS; i++) steps.push(...step(random, away, streams));
  return {
    name: `a story drawn from seed ${seed}`,
    count: COUNT,
    about: Array.from({ length: COUNT }, () => ({ weight: 1 + random.below(4) })),
    behaviour,
    policy: policy(random),
    steps,
  };
}

/**
 * A connection ends once in each call: on which connection a home tries again after that, and so whether that one
 * would be stale, is its transport's affair.
 */
function behaviour(index: number): DefaultBehaviour {
  const ended = new Set<string>();
  return ({ path }) => {
    const word = path.split("?", 1)[0]!.split("/")[index + 1] ?? "ok";
    if (endsConnection(word) && ended.has(path)) return DOES.ok;
    ended.add(path);
    return word in DOES ? DOES[word as keyof typeof DOES] : DOES.ok; // `in` has just said that it is one of its keys
  };
}

function policy(random: Random): ServicePolicyInput {
  return {
    balancer: { kind: BALANCERS[random.below(BALANCERS.length)]! },
    timeout: { total: "0s" },
    ...(random.below(4) === 0 ? { retry: "off" } : { retry: { maxRetries: random.below(4) } }),
    outliers: { consecutiveFailures: 1 + random.below(4), maxEjectedRatio: random.unit() },
    ...(random.below(2) === 0 ? { breaker: { minimumCalls: 3 + random.below(6), coolDown: "2s" } } : {}),
    ...(random.below(3) === 0 ? { limits: { callsPerEndpoint: 1, calls: 2 } } : {}),
    ...(random.below(2) === 0 ? { slowStart: "5s" } : {}),
  };
}

function step(random: Random, away: Set<number>, streams: boolean): readonly Step[] {
  const drawn = random.below(20);
  const index = random.below(COUNT);
  if (drawn < 13) return [call(spec(random, streams)), advance(random.below(200))];
  if (drawn === 13)
    return [
      call({ path: "/held/held/held/held" }, held(), call(spec(random, streams)), call(spec(random, streams)), letGo()),
    ];
  if (drawn === 14) return [idleEnds(), advance(FAR_MS)];
  if (drawn < 17) return [members([0, 1, 2, 3].filter(() => random.below(4) > 0))];
  if (away.delete(index)) return [comesBack(index)];
  away.add(index);
  // First without a reset: whether a home has seen one before it takes the connection again is a race.
  return [idleEnds(), refuses(index)];
}

function spec(random: Random, streams: boolean): CallSpec {
  const drawnWords = Array.from({ length: COUNT }, () => word(random));
  const first = drawnWords.findIndex(endsConnection);
  const words = drawnWords.map((each, i) => (endsConnection(each) && (streams || i !== first) ? "ok" : each));
  const path = `/${words.join("/")}?${random.below(1e9)}`; // no two calls have the same
  const drawn = random.below(5);
  if (drawn === 0) return { path, method: "POST", body: "one" };
  if (drawn === 2 && streams) return { path, method: "PUT", stream: ["one", "two".repeat(700), "three"] };
  if (drawn === 1) return { path, method: "POST", body: "one", headers: { "idempotency-key": "k" } };
  return { path };
}

function endsConnection(word: string): boolean {
  return word === "reset" || word === "close";
}

/** Mostly all is well. Not `held`: only a step that lets go may hold. */
function word(random: Random): string {
  if (random.below(3) > 0) return "ok";
  const drawn = WORDS[random.below(WORDS.length)]!;
  return drawn === "held" ? "ok" : drawn;
}
