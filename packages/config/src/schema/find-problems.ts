import * as v from "valibot";
import type { PolicyInput } from "../input/policy-input.ts";
import type { Path } from "../problem/problem.ts";
import { suggest } from "../problem/suggest.ts";
import { showValue } from "../problem/show-value.ts";
import { UNKNOWN_KEY } from "./containers.ts";
import type { Leaf } from "./leaves.ts";
import { policySchema } from "./policy-schema.ts";

/** Something wrong at a place in the tree, before it is known where in a file that is. */
export interface Finding {
  readonly severity: "error" | "warning";
  readonly path: Path;
  readonly message: string;
  /** The mistake is the key, not its value. */
  readonly key?: boolean;
}

/** A value that has the form of a policy, or all that is wrong with its form. */
export type Parsed = { readonly kind: "policy"; readonly input: PolicyInput } | Refused;

/** A value that has the form that was asked for, or all that is wrong with it. */
export type Formed<T> = { readonly kind: "formed"; readonly input: T } | Refused;

interface Refused {
  readonly kind: "refused";
  readonly findings: readonly Finding[];
}

/** Reads `value` as a policy, or says everything that is wrong with its form. Does not change it. */
export function findProblems(value: unknown): Parsed {
  const formed = formOf(policySchema, value);
  return formed.kind === "refused" ? formed : { kind: "policy", input: formed.input };
}

/** The same for another file than a policy. */
export function formOf<T>(schema: Leaf<T>, value: unknown): Formed<T> {
  const result = v.safeParse(schema, value, { abortPipeEarly: true });
  const findings = result.success ? [] : result.issues.flatMap((issue) => findingsOf(issue, []));
  findings.push(...lostKeys(value));
  if (result.success && findings.length === 0) return { kind: "formed", input: result.output };
  return { kind: "refused", findings };
}

function findingsOf(issue: v.BaseIssue<unknown>, above: Path): readonly Finding[] {
  const path = [...above, ...stepsOf(issue)];
  if (issue.type === "union") {
    // A form that found mistakes inside the value is the one that was meant; the others only say "not this".
    const inside = (issue.issues ?? []).filter((inner) => inner.path !== undefined);
    if (inside.length > 0) return inside.flatMap((inner) => findingsOf(inner, path));
  }
  return [{ severity: "error", path, ...described(issue, path) }];
}

function described(issue: v.BaseIssue<unknown>, path: Path): Pick<Finding, "message" | "key"> {
  if (issue.message.startsWith(UNKNOWN_KEY)) {
    const near = suggest(String(path.at(-1)), issue.message.slice(UNKNOWN_KEY.length).split(", "));
    return { key: true, message: near === undefined ? issue.message : `unknown key; did you mean ${near}?` };
  }
  const aboutKey = issue.path?.at(-1)?.origin === "key";
  if (aboutKey && issue.type === "object_with_rest") return { message: "is missing" };
  const shown = aboutKey ? showValue(path.at(-1), []) : showValue(issue.input, path);
  return { key: aboutKey, message: `${shown} ${issue.message}` };
}

function stepsOf(issue: v.BaseIssue<unknown>): Path {
  return (issue.path ?? []).map(({ key }) => (typeof key === "number" ? key : String(key)));
}

const PASSED_OVER = ["__proto__", "constructor", "prototype"] as const;

/** Schemas pass over keys that are words of JavaScript's own, so they are refused here. */
function lostKeys(value: unknown, path: Path = [], above: readonly object[] = []): readonly Finding[] {
  // An object that holds itself is refused by its form, at the place where it does so.
  if (typeof value !== "object" || value === null || above.includes(value)) return [];
  const lost = PASSED_OVER.filter((key) => Object.hasOwn(value, key)).map((key): Finding => {
    const message = `"${key}" cannot be a key or a name`;
    return { severity: "error", path: [...path, key], key: true, message };
  });
  const inner = [...above, value];
  for (const [key, child] of Object.entries(value)) {
    if (inner.length < DEEPEST)
      lost.push(...lostKeys(child, [...path, Array.isArray(value) ? Number(key) : key], inner));
  }
  return lost;
}

/** Whatever is deeper in an object stands below an unknown key. The deepest that is known: `services.X.rules[0].when.header.Y`. */
const DEEPEST = 8;
