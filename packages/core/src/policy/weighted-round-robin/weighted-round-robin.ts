import type { Node } from "../../cluster/node.ts";
import type { Random } from "../../time/time.ts";
import { openFrom, type Picker } from "../picker.ts";

/**
 * Takes nodes in proportion to their weight, as evenly spread as possible: nginx's smooth weighted round robin.
 *
 *   each pick: every node gains its weight; the richest (the first, in a tie) is taken and pays the total of all weights
 *
 * Gives the very sequence of nginx without visiting every node. Nodes of one weight all gain the same, so among them
 * the one taken is the first of those taken least often: they simply go round. What has to be compared is one
 * candidate for each *different* weight: with s picks made, the next of a group whose members were each taken at
 * least c times has `weight * s - total * c`. A registry has few different weights; the cost is O(these), not
 * O(endpoints).
 *
 * Where each group starts to go round is drawn when the list is arranged, so that fresh clients do not all begin with
 * the same endpoint; the sequence begins anew then. Source: nginx ngx_http_upstream_round_robin.c; reference 2.2 (b).
 */
export function weightedRoundRobin(): Picker {
  let groups: Group[] = [];
  let total = 0;
  let picks = 0;
  return {
    kind: "weighted-round-robin",
    arrange(nodes, random) {
      groups = byWeight(nodes, random);
      total = nodes.reduce((sum, { endpoint }) => sum + endpoint.weight, 0);
      picks = 0;
    },
    pick(nodes, draw) {
      if (groups.length === 0) return undefined;
      picks++;
      const group = richest(groups, picks, total);
      const place = group.places[group.next]!;
      advance(group);
      return openFrom(nodes, place, draw);
    },
  };
}

interface Group {
  readonly weight: number;
  /** Place of each member in the whole list. The lower one wins a tie between groups. */
  readonly places: readonly number[];
  next: number;
  /** How many of this round are still to be taken, and how often each member has been taken in full rounds. */
  left: number;
  rounds: number;
}

function byWeight(nodes: readonly Node[], random: Random): Group[] {
  const places = new Map<number, number[]>();
  nodes.forEach(({ endpoint }, place) => {
    const same = places.get(endpoint.weight);
    if (same === undefined) places.set(endpoint.weight, [place]);
    else same.push(place);
  });
  return [...places].map(([weight, at]) => ({
    weight,
    places: at,
    next: random.below(at.length),
    left: at.length,
    rounds: 0,
  }));
}

function richest(groups: readonly Group[], picks: number, total: number): Group {
  let best = groups[0]!;
  let most = best.weight * picks - total * best.rounds;
  for (let i = 1; i < groups.length; i++) {
    const group = groups[i]!;
    const wealth = group.weight * picks - total * group.rounds;
    if (wealth > most || (wealth === most && group.places[group.next]! < best.places[best.next]!)) {
      best = group;
      most = wealth;
    }
  }
  return best;
}

function advance(group: Group): void {
  group.next = group.next + 1 === group.places.length ? 0 : group.next + 1;
  if (--group.left > 0) return;
  group.left = group.places.length;
  group.rounds++;
}
