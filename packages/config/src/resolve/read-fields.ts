import { durationMs } from "../input/units.ts";
import type { Path } from "../problem/problem.ts";
import type { Fields } from "./merge.ts";

/** The value at a path, which is a T where the schema and the built-in defaults have one. */
export function read<T>(fields: Fields, path: string): T {
  // The schema let through nothing but T at this path, and the built-in defaults pass the schema too: a test checks.
  return fields.get(path)?.value as T;
}

/** The number at a path; 0 when there is none, as where its part is off. */
export function numberOf(fields: Fields, path: string): number {
  const value = fields.get(path)?.value;
  return typeof value === "number" ? value : 0;
}

/** The duration at a path in ms; 0 when there is none. */
export function msOf(fields: Fields, path: string): number {
  const value = fields.get(path)?.value;
  return typeof value === "string" ? durationMs(value) || 0 : 0;
}

/** The value at a path as it was written, or would be. */
export function textOf(fields: Fields, path: string): string {
  return String(fields.get(path)?.value);
}

/** The list at a path; empty when there is none. The schema says of what. */
export function listOf(fields: Fields, path: string): readonly unknown[] {
  const value = fields.get(path)?.value;
  return Array.isArray(value) ? value : [];
}

/** Where the first of these that the policy itself sets was written; undefined: all are built in. */
export function whereWritten(fields: Fields, paths: readonly string[]): Path | undefined {
  for (const path of paths) {
    const origin = fields.get(path)?.origin;
    if (origin?.kind === "policy") return origin.path;
  }
  return undefined;
}
