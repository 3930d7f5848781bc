import type { Path } from "../problem/problem.ts";
import { pathText } from "../problem/problem.ts";
import { BUILT_IN, PARTS } from "./built-in.ts";

/** A value as written, and who wrote it. */
export interface Written {
  readonly value: unknown;
  readonly origin: Origin;
}

/** Who set a value: a default with its source, the policy at a path, or whoever starts the process. */
export type Origin =
  | { readonly kind: "built-in"; readonly source: string }
  | { readonly kind: "given"; readonly by: string }
  | { readonly kind: "policy"; readonly path: Path };

/** Fields by their path within a service: `retry.maxRetries`. A part that is off is one field: `retry` = `off`. */
export type Fields = ReadonlyMap<string, Written>;

/** Where a process that reads a policy stands. A call from the SDK has no total timeout unless one is set. */
export type Home = "sdk" | "sidecar" | "gateway";

/** What a service is when nobody says anything. */
export function builtInFields(home: Home): Fields {
  const fields = new Map<string, Written>();
  for (const [path, { value, source }] of Object.entries(BUILT_IN)) {
    if (PARTS[partOf(path)]?.on !== false) fields.set(path, { value, origin: { kind: "built-in", source } });
  }
  for (const [part, { on }] of Object.entries(PARTS)) {
    if (!on) fields.set(part, { value: "off", origin: { kind: "built-in", source: "weft" } });
  }
  if (home === "sdk")
    fields.set("timeout.total", { value: "0s", origin: { kind: "built-in", source: "weft: none in the SDK" } });
  return fields;
}

/**
 * `above` with the fields of `layer` in their place. An object turns a part on, `off` turns it off; lists are
 * replaced, not joined.
 *
 * @param at the path of `layer` in the policy, for the origins
 */
export function overlay(above: Fields, layer: object, at: Path): Fields {
  const fields = new Map(above);
  for (const [part, value] of Object.entries(layer)) {
    if (value === undefined) continue;
    if (part in PARTS) turn(fields, part, value);
    put(fields, [part], value, at);
  }
  return fields;
}

function turn(fields: Map<string, Written>, part: string, value: unknown): void {
  const wasOff = fields.get(part)?.value === "off";
  if (value === "off") {
    for (const path of fields.keys()) if (partOf(path) === part) fields.delete(path);
  } else if (wasOff) {
    fields.delete(part);
    for (const [path, { value: given, source }] of Object.entries(BUILT_IN)) {
      if (partOf(path) === part) fields.set(path, { value: given, origin: { kind: "built-in", source } });
    }
  }
}

function put(fields: Map<string, Written>, path: Path, value: unknown, at: Path): void {
  if (typeof value === "object" && value !== null && !Array.isArray(value) && !WHOLE.has(pathText(path))) {
    for (const [key, inner] of Object.entries(value)) if (inner !== undefined) put(fields, [...path, key], inner, at);
  } else {
    const field = pathText(path);
    if (ONE_OF.includes(field)) for (const other of ONE_OF) fields.delete(other);
    fields.set(field, { value, origin: { kind: "policy", path: [...at, ...path] } });
  }
}

/** Fields of which the last one written counts: a service that is checked by `tcp` has no path, whatever the defaults say. */
const ONE_OF: readonly string[] = ["health.http", "health.tcp", "health.grpc"];

/** Objects that are one value: half of one and half of another would be neither. */
const WHOLE: ReadonlySet<string> = new Set([
  "discover",
  "subset.labels",
  "subset.fallback",
  "zones.own",
  "zones.callers",
  "rules",
  "tls.key",
]);

function partOf(path: string): string {
  const dot = path.indexOf(".");
  return dot < 0 ? path : path.slice(0, dot);
}
