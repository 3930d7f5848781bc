import type { ServicePolicyInput } from "@weft/config";
import type { Endpoint } from "@weft/core";
import { type DefaultBehaviour, fakeEndpoints, fakeTime, memoryRegistry, seededRandom } from "@weft/testkit";
import type { Aged, Home, HomeParts, Stage, Told } from "./home.ts";
import type { Step } from "./steps.ts";

/** What happens, told once and played in every home. */
export interface Story {
  /** As a claim about what both homes do. */
  readonly name: string;
  /** How many endpoints. Default 3. */
  readonly count?: number;
  /** What the registry says of each endpoint beyond its address. */
  readonly about?: readonly Partial<Endpoint>[];
  /** Those that the registry knows at first. Default: all. */
  readonly members?: readonly number[];
  /** What each endpoint does when a step says nothing else, by its index. Default: see `OBLIGING`. */
  readonly behaviour?: (index: number) => DefaultBehaviour;
  /** The balancer is `first` unless it says otherwise. */
  readonly policy?: ServicePolicyInput;
  readonly steps: readonly Step[];
  /** What the callers are told, in the order in which their calls end, where the story is about that. */
  readonly verdicts?: readonly string[];
  /** The bodies of the answers, in the same order, likewise. */
  readonly bodies?: readonly string[];
}

/** What an endpoint does of which a story says nothing: `ok`, but for calls of `/held`, which it holds. */
const OBLIGING: DefaultBehaviour = ({ path }) =>
  path === "/held" ? { kind: "stall", at: "before-head", answer: { body: "ok" } } : { body: "ok" };

/** All that can be seen of a story from outside, and from within. */
export interface Played {
  readonly told: readonly Told[];
  /** By endpoint: each request it read, as `METHOD path body`. */
  readonly sent: readonly (readonly string[])[];
  /** But for the ends of calls. */
  readonly events: readonly string[];
  /** How calls ended. Apart: of a failed call, the SDK tells the end before what else it changes, the sidecar after. */
  readonly ends: readonly string[];
  readonly decisions: readonly Aged[];
}

const END = /: call ended at /;

/** Plays the story in one home. Everything in it hangs on one clock and one seed. */
export async function play(story: Story, make: (parts: HomeParts) => Promise<Home>): Promise<Played> {
  const { count = 3, behaviour = () => OBLIGING, about = [], policy = {}, steps } = story;
  const time = fakeTime(1_000);
  await using endpoints = await fakeEndpoints(count, { timer: time });
  const registry = memoryRegistry({ clock: time });
  endpoints.all.forEach((endpoint, index) => endpoint.always(behaviour(index)));
  const known = endpoints.asEndpoints().map((endpoint, i) => ({ ...endpoint, ...about[i] }));
  registry.set("orders", story.members === undefined ? known : story.members.map((i) => known[i]!));
  const parts = {
    registry,
    time,
    random: seededRandom(7),
    policy: { balancer: { kind: "first" }, ...policy },
  } as const;
  await using home = await make(parts);
  const told: Told[] = [];
  let moving: Promise<void> = Promise.resolve();
  const stage: Stage = {
    home,
    endpoints,
    registry,
    told,
    aside: [],
    head: Promise.resolve(),
    over: Promise.resolve(),
    // One after the other: a pause before a retry may begin while a story moves the clock.
    advance: (ms) => (moving = moving.then(() => time.advance(ms))),
  };
  void waitOutPauses(stage);
  for (const step of steps) await step(stage);
  await Promise.all(stage.aside);
  const lines = home.journal.lines();
  return {
    told,
    sent: endpoints.all.map(({ requests }) => requests.map(({ method, path, body }) => `${method} ${path} ${body}`)),
    events: lines.filter((line) => !END.test(line)),
    ends: lines.filter((line) => END.test(line)),
    decisions: await home.decisions(),
  };
}

/** Nobody else moves the clock while a call waits for its retry. Ends with the journal. */
async function waitOutPauses({ home, advance }: Stage): Promise<void> {
  try {
    for (;;) await advance((await home.journal.next("retry.started")).pauseMs);
  } catch {
    // The journal was closed: the story is over.
  }
}
