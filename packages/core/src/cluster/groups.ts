import { GroupNumbers, type PickGroup } from "../decision/pick-group.ts";
import type { Word64 } from "../hash/word64.ts";
import type { Picker } from "../policy/picker.ts";
import { priorityOf } from "../policy/priority/endpoint-priority.ts";
import { ZONE_SPILL_DEFAULTS } from "../policy/zone-aware/zone-limit.ts";
import { type ZonePreference, zoneOf } from "../policy/zone-aware/zone-preference.ts";
import { type Random, SET_BACK_MS } from "../time/time.ts";
import type { Division } from "./cluster.ts";
import { divide, type Part } from "./divide.ts";
import { type Members, placesOf } from "./members.ts";
import type { Node } from "./node.ts";
import { LOOKS_RATIO, ZoneLooks } from "./zone-looks.ts";
import { spills, untilNextLookMs, ZoneWatch } from "./zone-watch.ts";

/** How traffic divides before the picker picks: by the priority of the endpoints, and by zone when asked for. */
export interface Grouping {
  /** Makes the picker of a group: each has its own, as one may remember where it is. */
  readonly picker: () => Picker;
  /** Undefined: zones do not count. */
  readonly zones: ZonePreference | undefined;
}

/** Nodes among which picks are made. */
export interface Group {
  /** Stands for it in the records of picks. */
  readonly number: number;
  /** Draws below this, and not below that of the one before, are for it. */
  readonly until: number;
  /** Its part of the picks, above 0 and up to 1. */
  readonly share: number;
  readonly nodes: readonly Node[];
  readonly places: Int32Array;
  readonly picker: Picker;
}

/** Draws are among so many. */
const DRAWN = 10_000;

/**
 * The groups of a cluster: arranged when membership or fitness changes, so that a pick only draws one; and reviewed now
 * and then where zones count, by a pick that finds it due: a zone may do badly without anybody leaving.
 *
 * Nothing is divided while all endpoints have one priority and zones do not count: then picks are made among all that
 * are available, as without groups.
 */
export class Groups {
  /** Whether picks are made in groups. */
  divided = false;
  /** Stands for all, in the records of picks that are made among them. 0: nothing is to be said of it. */
  number = 0;
  /** A pick from then on is to call `review` first; Infinity: there is nothing to review. */
  reviewMs: number = Number.POSITIVE_INFINITY;
  /** So is one before then: the clock was set back. */
  earliestMs: number = Number.NEGATIVE_INFINITY;

  readonly #random: Random;
  readonly #numbers = new GroupNumbers();
  readonly #watch = new ZoneWatch();
  readonly #looks = new ZoneLooks();
  #grouping: Grouping | undefined;
  #groups: readonly Group[] = [];
  #parts: readonly Part[] = [];
  /** Why zones do not count, in words. */
  #off: string | undefined = undefined;
  #pickers = new Map<string, Picker>();
  /** Whether somebody was new at the last review. */
  #growing = false;

  /** @param grouping undefined: never divided */
  constructor(grouping: Grouping | undefined, random: Random) {
    this.#grouping = grouping;
    this.#random = random;
  }

  /** From the next arrangement on. */
  configure(grouping: Grouping): void {
    const { zones } = grouping;
    if (zones?.own !== this.#grouping?.zones?.own || (zones && !spills(zones))) this.#watch.forget();
    this.#grouping = grouping;
    this.#pickers.clear();
  }

  /** Membership or fitness changed. @param picker the one of the whole cluster */
  arrange({ all, available }: Members, picker: Picker): void {
    this.divided = false;
    this.number = 0;
    this.#groups = this.#parts = [];
    this.#looks.at(undefined);
    this.reviewMs = Number.POSITIVE_INFINITY;
    this.#off = undefined;
    if (this.#grouping === undefined) return;
    const { zones, picker: make } = this.#grouping;
    if (available.length === 0) this.#off = zones && "no endpoint is available";
    if (available.length === 0) return;
    if (zones === undefined && all.every(({ endpoint }) => endpoint.meta["priority"] === undefined)) return;

    const parts = divide(all, zones, picker.hashes === true ? picker.kind : undefined, this.#watch);
    const [first] = parts;
    // Whom the loads are given to may all be ejected: then whoever is available takes the calls.
    this.#off = first === undefined ? zones && "those that are to get the calls are all ejected" : first.zonesOff;
    if (first === undefined) return;
    this.#parts = parts;
    if (parts.some(({ zone }) => zone !== undefined)) this.reviewMs = Number.NEGATIVE_INFINITY;
    if (parts.length === 1 && first.nodes.length === available.length && !first.panic) {
      this.#pickers.clear();
      if (first.zonesOff !== undefined) this.number = this.#numbers.numberOf({ ...first, priority: undefined });
      return;
    }
    this.divided = true;
    const pickers = new Map<string, Picker>();
    let sum = 0;
    this.#groups = parts.map((part) => {
      const { nodes, members, share } = part;
      const key = JSON.stringify([part.priority, part.zone]);
      const own = this.#pickers.get(key) ?? make();
      pickers.set(key, own);
      own.arrange(nodes, this.#random, members);
      const number = this.#numbers.numberOf(part);
      sum += share * DRAWN;
      // Rounded: 37 per cent are to be below 3,700, and not a little above.
      return { number, until: Math.round(sum * 1e6) / 1e6, share, nodes, places: placesOf(nodes), picker: own };
    });
    this.#looks.at(this.#outside(parts, available, pickers));
    this.#pickers = pickers;
  }

  /** Looks at how the zones do, and arranges the groups anew when one is to get more or less. */
  review(members: Members, picker: Picker, nowMs: number): void {
    const { all, available, size } = members;
    const zones = this.#grouping?.zones;
    this.earliestMs = nowMs - SET_BACK_MS;
    const changed = zones !== undefined && this.#watch.look(all, zones, nowMs);
    // What newcomers have room for grows from look to look, and once more when they are none any longer.
    const grew = this.#growing;
    this.#growing = available.some(({ newcomer }) => newcomer !== undefined);
    if (changed || grew || this.#growing) this.arrange(members, picker);
    if (this.reviewMs === Number.POSITIVE_INFINITY) return;
    this.reviewMs = nowMs + untilNextLookMs(size);
    this.#looks.reviewed(nowMs, this.reviewMs);
  }

  /** Draws the group of a pick while they are `divided`: by the call's hash when it has one, so that keys stay. */
  drawn(hash: Word64 | undefined): Group {
    const look = this.#looks.take();
    if (look !== undefined) return look;
    const groups = this.#groups;
    const last = groups.length - 1;
    if (last === 0) return groups[0]!;
    const drawn = hash === undefined ? this.#random.below(DRAWN) : hash.modulo(100) * (DRAWN / 100);
    for (let i = 0; i < last; i++) if (drawn < groups[i]!.until) return groups[i]!;
    return groups[last]!;
  }

  /** Those that get calls now, with their part; undefined: nothing is divided. */
  get parts(): readonly { readonly share: number; readonly nodes: readonly Node[] }[] | undefined {
    return this.divided ? this.#groups : undefined;
  }

  groupOf(number: number): PickGroup | undefined {
    return this.#numbers.groupOf(number);
  }

  snapshot(): Division {
    const groups = this.divided ? this.#parts : [];
    return {
      zonesOff: this.#off,
      groups: groups.map(({ priority, zone, share, panic, zonesOff, spill, lookFrom, nodes }) => {
        return { priority, zone, share, panic, zonesOff, spill, lookFrom, endpoints: nodes.length };
      }),
    };
  }

  /** Those of other zones, while the own one keeps all calls of its priority: nothing is learned of them else. */
  #outside(parts: readonly Part[], available: readonly Node[], pickers: Map<string, Picker>): Group | undefined {
    const { zones, picker: make } = this.#grouping!; // groups are made of it
    const own = parts.find(({ zone }) => zone !== undefined);
    if (zones === undefined || own === undefined || (zones.spill ?? ZONE_SPILL_DEFAULTS).latencyFactor === 0) return;
    const { priority } = own;
    if (parts.some((part) => part.priority === priority && part.zone !== zones.own)) return;
    const nodes = available.filter(
      ({ endpoint }) => priorityOf(endpoint) === priority && zoneOf(endpoint) !== zones.own,
    );
    if (nodes.length === 0) return;
    const key = JSON.stringify([priority]);
    const picker = this.#pickers.get(key) ?? make();
    pickers.set(key, picker);
    picker.arrange(nodes, this.#random, nodes);
    const about = { priority, zone: undefined, share: LOOKS_RATIO, panic: false, zonesOff: undefined };
    const number = this.#numbers.numberOf({ ...about, spill: undefined, lookFrom: zones.own });
    return { number, until: 0, share: 0, nodes, places: placesOf(nodes), picker };
  }
}
