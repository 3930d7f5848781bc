import { slowStartRatio } from "../policy/slow-start/slow-start-ratio.ts";
import { type Random, SET_BACK_MS } from "../time/time.ts";
import type { Groups } from "./groups.ts";
import type { Members } from "./members.ts";
import type { Node } from "./node.ts";

/** Ratios are worked out anew so often at most, in ms: a step of a window of 30 s is then a third of a per cent. */
const STEP_MS = 100;
/** So many attempts may be saved up and then taken in a row: a picker that draws by chance comes by irregularly. */
const MOST_SAVED = 2;

/** What an endpoint that is new to the traffic may take of it. */
export interface Newcomer {
  /** When it began to take traffic, or when the clock was found to be set back behind that. */
  sinceMs: number;
  /** What its weight counts for now, in (0, 1]. */
  ratio: number;
  /** Share of the cluster's picks that it may take; what it has saved of these; and up to which pick that is counted. */
  share: number;
  saved: number;
  counted: number;
}

/**
 * Lets endpoints that are new to the traffic have their share of it by and by.
 *
 *   share of the picks <= weight * ratio / sum over all of (weight * ratio)      ratio: `slowStartRatio`, 1 unless new
 *
 * Bounds what the picker chooses instead of changing the weights it goes by, so that one rule fits all pickers. For one
 * that goes by weight it is the same. One that compares loads would do something else with a tenth of the weight:
 * give the endpoint nothing while the others are idle, and its whole share at once when they are not. A pick beyond the
 * bound passes on to another endpoint; where no other is open, it does not. The limit of calls at once grows likewise
 * (HAProxy `slowstart`). Suspended while more than half of the weight is new: then nobody is there to pass picks to.
 * Where picks divide among groups, each group is counted by itself.
 *
 * New is who takes traffic and did not before: a newcomer, one that returned from an ejection, one that passes its
 * checks again; not those of the first membership. Source: reference 2.7. Cost: a comparison while nobody is new.
 */
export class SlowStart {
  /** Whether somebody is new: then each pick calls `picking`. */
  active = false;
  readonly #members: Members;
  readonly #groups: Groups;
  readonly #random: Random;
  readonly #new = new Set<Node>();
  #windowMs: number;
  #stepMs = 0;
  #picks = 0;

  /** @param windowMs how long an endpoint counts as new, in ms; 0: off */
  constructor(members: Members, groups: Groups, windowMs: number, random: Random) {
    this.#members = members;
    this.#groups = groups;
    this.#windowMs = windowMs;
    this.#random = random;
  }

  configure(windowMs: number, nowMs: number): void {
    this.#windowMs = windowMs;
    this.#step(nowMs);
  }

  /** These take traffic from now on. */
  begin(nodes: readonly Node[], nowMs: number): void {
    if (this.#windowMs === 0 || nodes.length === 0) return;
    for (const node of nodes) {
      // Saved by chance: not all of a fleet of callers are to give it their first call after as many picks.
      const saved = this.#random.unit();
      node.newcomer = { sinceMs: nowMs, ratio: 1, share: 1, saved, counted: this.#picks };
      this.#new.add(node);
    }
    this.#step(nowMs);
  }

  /** A pick begins. */
  picking(nowMs: number): void {
    this.#picks++;
    if (nowMs >= this.#stepMs || nowMs < this.#stepMs - STEP_MS - SET_BACK_MS) this.#step(nowMs);
  }

  /**
   * Whether this pick passes on to another endpoint. When not, it counts as taken.
   *
   * @param most calls that an endpoint takes at once
   */
  passes(node: Node, most: number): boolean {
    const { newcomer } = node;
    if (newcomer === undefined || newcomer.ratio === 1) return false;
    newcomer.saved = Math.min(newcomer.saved + (this.#picks - newcomer.counted) * newcomer.share, MOST_SAVED);
    newcomer.counted = this.#picks;
    if (newcomer.saved < 1 || node.pending + 1 > Math.max(1, most * newcomer.ratio)) return true;
    newcomer.saved--;
    return false;
  }

  /** Drops who is new no more, and works the ratios of the others out anew. */
  #step(nowMs: number): void {
    this.#stepMs = nowMs + Math.min(STEP_MS, this.#windowMs / 10);
    for (const node of this.#new) {
      // The clock was set back: it is as if it had come just now.
      if (node.newcomer !== undefined && node.newcomer.sinceMs > nowMs) node.newcomer.sinceMs = nowMs;
      if (node.available && nowMs - (node.newcomer?.sinceMs ?? 0) < this.#windowMs) continue;
      this.#new.delete(node);
      node.newcomer = undefined;
    }
    this.active = this.#new.size > 0;
    if (!this.active) return;
    const parts = this.#groups.parts ?? [{ share: 1, nodes: this.#members.available }];
    for (const { share, nodes } of parts) this.#share(nodes, share, nowMs);
  }

  /** @param part of the cluster's picks that these nodes get */
  #share(nodes: readonly Node[], part: number, nowMs: number): void {
    const fresh: { readonly newcomer: Newcomer; readonly weight: number }[] = [];
    let weight = 0;
    let newWeight = 0;
    for (const { newcomer, weight: own } of nodes) {
      weight += own;
      if (newcomer === undefined) continue;
      newWeight += own;
      fresh.push({ newcomer, weight: own });
    }
    const suspended = newWeight * 2 > weight;
    let sum = weight - newWeight;
    for (const one of fresh) {
      one.newcomer.ratio = suspended ? 1 : slowStartRatio(nowMs - one.newcomer.sinceMs, this.#windowMs);
      sum += one.weight * one.newcomer.ratio;
    }
    for (const one of fresh) one.newcomer.share = (part * one.weight * one.newcomer.ratio) / sum;
  }
}
