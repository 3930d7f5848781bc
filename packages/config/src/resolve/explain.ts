import { pathText } from "../problem/problem.ts";
import type { CheckOptions } from "./check-policy.ts";
import type { Fields, Origin } from "./merge.ts";

/** One field of a service: its value as it would be written, and who set it. */
export interface Explained {
  /** `retry.maxRetries`. */
  readonly field: string;
  readonly value: unknown;
  /** `built-in default (Finagle)`, `defaults.retry.maxRetries at policy.yaml:12`, or `--drain`. */
  readonly from: string;
}

/** Every field, by name, with who set it; `options` say where the policy stands. */
export function explainFields(fields: Fields, options: CheckOptions): readonly Explained[] {
  return [...fields]
    .map(([field, { value, origin }]) => ({ field, value, from: from(origin, options) }))
    .toSorted((a, b) => (a.field < b.field ? -1 : 1));
}

function from(origin: Origin, { file, locate }: CheckOptions): string {
  if (origin.kind === "built-in") return `built-in default (${origin.source})`;
  if (origin.kind === "given") return origin.by;
  const position = locate?.(origin.path, "value");
  const place = file === undefined ? "" : ` at ${file}${position === undefined ? "" : `:${position.line}`}`;
  return pathText(origin.path) + place;
}
