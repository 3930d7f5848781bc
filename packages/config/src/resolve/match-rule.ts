import type { RuleWhenInput } from "../input/policy-input.ts";
import type { Rule } from "./service-policy.ts";

/** What a rule asks of a call; an empty one matches every call. */
export interface RuleWhen {
  readonly path: string | undefined;
  /** Upper case. */
  readonly methods: readonly string[] | undefined;
  /** Names in lower case; `*`: any value. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** What rules look at. */
export interface RuleRequest {
  readonly method: string;
  /** With or without a query, which does not count. */
  readonly path: string;
  /** @param name in lower case */
  header(name: string): string | undefined;
}

/** What a rule asks, in the form that is compared. */
export function ruleWhen({ path, method, header }: RuleWhenInput): RuleWhen {
  const methods = method === undefined ? undefined : (typeof method === "string" ? [method] : method).map(upper);
  return { path, methods, headers: Object.entries(header ?? {}).map(([name, value]) => [name.toLowerCase(), value]) };
}

/** The first rule that matches, undefined when none does. Cost: O(rules x length of the path). */
export function matchRule(rules: readonly Rule[], request: RuleRequest): Rule | undefined {
  return rules.find(({ when }) => matches(when, request));
}

function matches({ path, methods, headers }: RuleWhen, request: RuleRequest): boolean {
  if (methods !== undefined && !methods.includes(request.method.toUpperCase())) return false;
  if (path !== undefined && !pathMatches(path, request.path)) return false;
  return headers.every(([name, value]) => {
    const given = request.header(name);
    return given !== undefined && (value === "*" || value === given);
  });
}

/** Segment by segment, with one `*` in each at most: linear, whatever the path. */
export function pathMatches(pattern: string, path: string): boolean {
  const segments = path.split("?", 1)[0]!.split("/");
  const wanted = pattern.split("/");
  const open = wanted.at(-1) === "**";
  if (open) wanted.pop();
  if (open ? segments.length < wanted.length : segments.length !== wanted.length) return false;
  return wanted.every((segment, i) => segmentMatches(segment, segments[i]!));
}

function segmentMatches(pattern: string, segment: string): boolean {
  const star = pattern.indexOf("*");
  if (star < 0) return pattern === segment;
  const tail = pattern.slice(star + 1);
  return segment.length >= pattern.length - 1 && segment.startsWith(pattern.slice(0, star)) && segment.endsWith(tail);
}

function upper(word: string): string {
  return word.toUpperCase();
}
