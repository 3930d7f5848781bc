import type { Outcome } from "../outcome.ts";
import type { AdaptiveRule } from "../policy/adaptive-concurrency/adaptive-rule.ts";
import type { Node } from "./node.ts";

/** How each endpoint's limit is learned. Those that are alike in `kind` and `most` keep what they have learned. */
export interface EndpointLimit {
  /** As in a policy file: `gradient2`. */
  readonly kind: string;
  /** Above which no limit goes, >= 1. */
  readonly most: number;
  /** A rule of its own for one endpoint. */
  readonly rule: () => AdaptiveRule;
}

/**
 * Learns for each node how many attempts it takes at once without making them wait. A node at its limit is passed over
 * by picks; only when all are, a call is refused. Source: reference 2.13.
 */
export class LearnedLimits {
  #limit: EndpointLimit | undefined;

  /** @param limit undefined: nothing is learned */
  constructor(limit: EndpointLimit | undefined) {
    this.#limit = limit;
  }

  /** Whether a pick has to look at what was learned. */
  get active(): boolean {
    return this.#limit !== undefined;
  }

  configure(limit: EndpointLimit | undefined, nodes: readonly Node[]): void {
    const before = this.#limit;
    this.#limit = limit;
    if (before?.kind === limit?.kind && before?.most === limit?.most) return;
    for (const node of nodes) node.learnBy(limit?.rule());
  }

  /** New ones may be among these. */
  begin(nodes: readonly Node[]): void {
    if (this.#limit === undefined) return;
    for (const node of nodes) if (node.learned === undefined) node.learnBy(this.#limit.rule());
  }

  /** An attempt has its answer, or its failure, and still counts among those pending. */
  learn(node: Node, outcome: Outcome, tookMs: number): void {
    const rule = node.learned;
    if (rule === undefined) return;
    if (outcome.kind === "success" && tookMs > 0) rule.answered(tookMs, node.pending);
    else if (outcome.kind === "failure" && (outcome.reason === "overloaded" || outcome.reason === "timeout"))
      rule.dropped(node.pending);
    else return;
    node.learnedMost = Math.floor(rule.limit);
  }
}
