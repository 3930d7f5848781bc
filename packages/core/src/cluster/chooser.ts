import type { DecisionLog } from "../decision/decision-log.ts";
import type { PickVerdict } from "../decision/decision.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Draw, Picker } from "../policy/picker.ts";
import type { Call } from "../service.ts";
import type { Random } from "../time/time.ts";
import type { AttemptBook } from "./attempt-book.ts";
import type { Ejector } from "./ejector.ts";
import type { Groups } from "./groups.ts";
import type { LearnedLimits } from "./learned-limits.ts";
import type { Members } from "./members.ts";
import type { Node } from "./node.ts";
import { fullByOf } from "./refusals.ts";
import type { ReportedWeights } from "./reported-weights.ts";
import type { SessionKeepers } from "./session-keepers.ts";
import type { SlowStart } from "./slow-start.ts";

export interface ChooserOptions {
  readonly members: Members;
  readonly ejector: Ejector;
  readonly groups: Groups;
  readonly slowStart: SlowStart;
  readonly reported: ReportedWeights;
  readonly book: AttemptBook;
  readonly picker: Picker;
  readonly random: Random;
  readonly decisions: DecisionLog;
  readonly callsPerEndpoint: number;
  readonly learned: LearnedLimits;
  readonly keepers: SessionKeepers;
}

const NONE: readonly Endpoint[] = Object.freeze([]);

/** A pick passes on to others so often at most: with half of the weight new, one in 256 gets there. */
const MOST_PASSED = 8;

/**
 * Chooses the node of an attempt: the one that keeps its session, a trial that is due, or whom the picker says, unless
 * that one is to start slowly.
 */
export class Chooser {
  picker: Picker;
  readonly #members: Members;
  readonly #ejector: Ejector;
  readonly #groups: Groups;
  readonly #slowStart: SlowStart;
  readonly #reported: ReportedWeights;
  readonly #learned: LearnedLimits;
  readonly #keepers: SessionKeepers;
  readonly #book: AttemptBook;
  readonly #decisions: DecisionLog;
  readonly #draw: { -readonly [Key in keyof Draw]: Draw[Key] };
  /** Stands for the group of this pick in its record; below 0: nobody was open there, and all were looked at. */
  #group = 0;

  constructor(options: ChooserOptions) {
    const { members, random, decisions, callsPerEndpoint } = options;
    this.#members = members;
    this.#ejector = options.ejector;
    this.#groups = options.groups;
    this.#slowStart = options.slowStart;
    this.#reported = options.reported;
    this.#learned = options.learned;
    this.#book = options.book;
    this.picker = options.picker;
    this.#keepers = options.keepers;
    this.#decisions = decisions;
    this.#draw = {
      nowMs: 0,
      random: {
        below: (bound) => decisions.drew(random.below(bound)),
        unit: () => decisions.drew(random.unit()),
      },
      typicalMs: 0,
      tried: NONE,
      zonesTried: false,
      hash: undefined,
      pending: 0,
      callsPerEndpoint,
      learns: false,
      record: decisions,
      cells: members.cells.cells,
      places: members.places,
    };
  }

  get callsPerEndpoint(): number {
    return this.#draw.callsPerEndpoint;
  }

  set callsPerEndpoint(most: number) {
    this.#draw.callsPerEndpoint = most;
  }

  /** @returns undefined when no node is open to the call */
  choose(call: Call, nowMs: number): Node | undefined {
    const members = this.#members;
    const { nextReturnMs, earliestMs } = this.#ejector;
    if (nowMs >= nextReturnMs || nowMs < earliestMs) this.#ejector.sweep(nowMs);
    const reported = this.#reported;
    if (reported.active && reported.isDue(nowMs) && reported.review(members.all, nowMs)) members.arrange();
    const groups = this.#groups;
    if (nowMs >= groups.reviewMs || nowMs < groups.earliestMs) groups.review(members, this.picker, nowMs);
    if (this.#slowStart.active) this.#slowStart.picking(nowMs);
    const draw = this.#draw;
    draw.nowMs = nowMs;
    draw.typicalMs = this.#book.typicalMs;
    draw.tried = call.attempt === 0 ? NONE : call.tried;
    draw.hash = call.hash;
    draw.pending = members.cells.pending;
    draw.learns = this.#learned.active;
    draw.cells = members.cells.cells;
    draw.places = members.places;
    this.#decisions.pick(nowMs, call.number, call.attempt + 1, draw.typicalMs);
    this.#group = this.#groups.number;
    const { session } = call;
    return session === undefined || session === "" ? this.#picked(call, nowMs) : this.#ofSession(session, call, nowMs);
  }

  /** A call of a session is no trial of another node: whoever has none yet can be that. */
  #ofSession(session: string, call: Call, nowMs: number): Node | undefined {
    const keepers = this.#keepers;
    const { callsPerEndpoint, tried } = this.#draw;
    const keeper = keepers.find(session);
    // One that may not move is repeated where it is.
    const fate = keepers.fateAt(keeper, keepers.move ? tried : NONE, callsPerEndpoint);
    let node = keeper;
    if (fate === "kept") this.#chosen("session", keeper);
    else if (keeper !== undefined && fate === "trial" && this.#ejector.isTrial(keeper, call, callsPerEndpoint, nowMs))
      this.#chosen("trial", keeper);
    else if (keeper === undefined || keepers.move) node = this.#picked(call, nowMs);
    else node = this.#chosen("session-bound", undefined);
    this.#decisions.session(fate, keeper);
    return node;
  }

  #picked(call: Call, nowMs: number): Node | undefined {
    const draw = this.#draw;
    const members = this.#members;
    const trial = this.#ejector.trialFor(call, draw.callsPerEndpoint, nowMs);
    if (trial !== undefined) return this.#chosen("trial", trial);
    if (draw.tried.length > 1) {
      // Two have failed it, perhaps for what is wrong with their zone. Source: reference 2.12.
      draw.zonesTried = true;
      const elsewhere = this.#drawn(call);
      draw.zonesTried = false;
      if (elsewhere !== undefined) return elsewhere;
    }
    const drawn = this.#drawn(call);
    if (drawn !== undefined) return drawn;
    // All that are open have failed it: whoever did so longest ago is the likeliest to have got over it.
    const { tried } = draw;
    for (let forgotten = 1; forgotten <= tried.length; forgotten++) {
      draw.tried = tried.slice(forgotten);
      const again = this.picker.pick(members.available, draw);
      if (again !== undefined) return this.#chosen("only-tried", again);
    }
    return this.#chosen(this.#whyNone(), undefined);
  }

  /** Whom the picker says, in the group that is drawn or else among all; undefined: nobody is open. */
  #drawn(call: Call): Node | undefined {
    const groups = this.#groups;
    const draw = this.#draw;
    const members = this.#members;
    if (groups.divided) {
      const group = groups.drawn(call.hash);
      this.#group = group.number;
      draw.places = group.places;
      const within = group.picker.pick(group.nodes, draw);
      if (within !== undefined) return this.#taken(within, group.nodes, group.picker);
      // Each of them is full, or has been tried: better elsewhere than not at all.
      this.#group = -group.number;
      draw.places = members.places;
    }
    const nodes = members.available;
    const node = this.picker.pick(nodes, draw);
    return node && this.#taken(node, nodes, this.picker);
  }

  /** The picker says this one. */
  #taken(node: Node, nodes: readonly Node[], picker: Picker): Node | undefined {
    const draw = this.#draw;
    // Most take all picks of them: these do without another call.
    if (!node.sparing || !this.#passes(node)) {
      return this.#chosen(draw.hash === undefined && picker.hashes === true ? "unkeyed" : "chosen", node);
    }
    return this.#chosen("passed-on", this.#otherThan(node, nodes, picker));
  }

  /** Whether a pick of this one passes on to another. */
  #passes(node: Node): boolean {
    const { callsPerEndpoint, random } = this.#draw;
    return (node.part < 1 && random.unit() >= node.part) || this.#slowStart.passes(node, node.mostAt(callsPerEndpoint));
  }

  /** Who is picked instead of one that takes a part of its picks only; that one, when nobody else is open. */
  #otherThan(node: Node, nodes: readonly Node[], picker: Picker): Node {
    const draw = this.#draw;
    let last = node;
    for (let passed = 0; passed < MOST_PASSED; passed++) {
      let next = picker.pick(nodes, draw);
      if (next === last) {
        // By load or by order it would be picked again and again.
        draw.tried = [...draw.tried, last.endpoint];
        next = picker.pick(nodes, draw);
      }
      if (next === undefined) break;
      if (!next.sparing || !this.#passes(next)) return next;
      last = next;
    }
    return last;
  }

  #chosen(verdict: PickVerdict, node: Node | undefined): Node | undefined {
    const { size, available, ejected, unhealthy, absent } = this.#members;
    if (absent.length > 0) this.#decisions.without(absent);
    this.#decisions.picked(verdict, node, size, available.length, ejected.length, unhealthy, this.#group);
    return node;
  }

  #whyNone(): PickVerdict {
    const { available } = this.#members;
    if (available.length > 0)
      return fullByOf(available, this.callsPerEndpoint) === "limits.callsPerEndpoint" ? "all-full" : "all-learned-full";
    if (this.#members.ejected.length > 0) return "all-ejected";
    return this.#members.size > 0 ? "all-draining" : "none-known";
  }
}
