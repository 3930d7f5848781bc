import { type CallPolicy, matchRule, type Rule, type RuleRequest, type ServicePolicy } from "@weft/config";

/** The ways of calls through one service: one for the service's own policy, and one for each rule of it. */
export interface Paths<Path> {
  /** The way of every call when the policy has no rules, found by one look; undefined when it has some: then ask `of`. */
  readonly unruled: Path | undefined;
  /** The way of a call under the first rule that it matches, else the service's own. */
  of(request: RuleRequest): Path;
}

/** Paths that are built anew when the policy changes. Who holds them finds the present ones there. */
export class RulePaths<Path> implements Paths<Path> {
  unruled: Path | undefined;

  readonly #build: (policy: CallPolicy) => Path;
  #rules: readonly Rule[];
  #own: Path;
  #ruled: ReadonlyMap<Rule, Path>;

  constructor(policy: ServicePolicy, build: (policy: CallPolicy) => Path) {
    const { rules } = policy;
    this.#build = build;
    this.#rules = rules;
    this.#own = build(policy);
    this.#ruled = ruled(rules, build);
    this.unruled = rules.length === 0 ? this.#own : undefined;
  }

  rebuild(policy: ServicePolicy): void {
    const { rules } = policy;
    this.#rules = rules;
    this.#own = this.#build(policy);
    this.#ruled = ruled(rules, this.#build);
    this.unruled = rules.length === 0 ? this.#own : undefined;
  }

  of(request: RuleRequest): Path {
    const rule = matchRule(this.#rules, request);
    return (rule && this.#ruled.get(rule)) ?? this.#own;
  }
}

function ruled<Path>(rules: readonly Rule[], build: (policy: CallPolicy) => Path): ReadonlyMap<Rule, Path> {
  return new Map(rules.map((rule) => [rule, build(rule.policy)]));
}
