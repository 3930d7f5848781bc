import type { PolicyInput } from "../input/policy-input.ts";
import type { Path } from "../problem/problem.ts";
import { pathText } from "../problem/problem.ts";
import type { Fields, Origin, Written } from "./merge.ts";
import { CHECK_PATH, PROPAGATION, SIDECAR_BUILT_IN } from "./sidecar-built-in.ts";
import { telemetryFields } from "./telemetry-fields.ts";

/** Values that stand over those of the policy, by path in the file, such as options of a command line. */
export interface GivenFields {
  readonly "sidecar.drain.grace"?: GivenValue;
  readonly "telemetry.accessLog.format"?: GivenValue;
}

/** A value as it would be written, right by the schema, and who gives it: `--drain`. */
export interface GivenValue {
  readonly value: string;
  readonly by: string;
}

/**
 * Every field of `sidecar` and of `telemetry` by its path in the file, `sidecar.tcp[0].listen`: built-in defaults of the
 * parts that are there, and what is written in their place.
 */
export function sidecarFields(input: PolicyInput, given: GivenFields = {}): Fields {
  const fields = new Map<string, Written>(telemetryFields(input));
  const { sidecar } = input;
  const listeners = sidecar?.tcp?.map((_, i) => `sidecar.tcp[${i}]`) ?? [];
  const parts = new Set(Object.keys(sidecar ?? {}).map((part) => `sidecar.${part}`));
  for (const [path, { value, source }] of Object.entries(SIDECAR_BUILT_IN)) {
    const origin: Origin = { kind: "built-in", source };
    const [, key, inner] = path.split(".");
    const part = `sidecar.${key}`;
    if (inner === "tls" && !hasTls(sidecar, key)) continue;
    if (part === "sidecar.tcp[]")
      for (const listener of listeners) fields.set(path.replace(part, listener), { value, origin });
    else if (parts.has(part) || (part === "sidecar.drain" && sidecar !== undefined))
      fields.set(path, { value, origin });
  }
  if (sidecar !== undefined) put(fields, ["sidecar"], sidecar);
  for (const [path, over] of Object.entries<GivenValue | undefined>({ ...given })) {
    if (over !== undefined) fields.set(path, { value: over.value, origin: { kind: "given", by: over.by } });
  }
  for (const [path, value] of derived(input, fields)) {
    if (!fields.has(path)) fields.set(path, { value, origin: { kind: "built-in", source: "weft" } });
  }
  return fields;
}

function hasTls(sidecar: PolicyInput["sidecar"], key: string | undefined): boolean {
  return (key === "inbound" || key === "outbound") && sidecar?.[key]?.tls !== undefined;
}

/** Defaults that depend on what else the policy says. */
function derived(input: PolicyInput, fields: Fields): readonly (readonly [path: string, value: unknown])[] {
  const { sidecar } = input;
  const values: [string, unknown][] = [];
  if (sidecar === undefined) return values;
  values.push(["sidecar.drain.propagation", sidecar.register === undefined ? "0s" : PROPAGATION]);
  if (sidecar.inbound !== undefined) values.push(["sidecar.inbound.grpcWeb", sidecar.inbound.protocol === "grpc"]);
  if (sidecar.outbound !== undefined)
    values.push(["sidecar.outbound.consul", sidecar.outbound.service === undefined && usesConsul(input)]);
  if (sidecar.register !== undefined) {
    const kind = fields.get("sidecar.register.check.kind")?.value ?? (fields.has(PATH) ? "http" : "ttl");
    values.push(["sidecar.register.check.kind", kind]);
    if (kind === "http") values.push([PATH, CHECK_PATH]);
    if (sidecar.service !== undefined) values.push(["sidecar.register.name", sidecar.service]);
  }
  return values;
}

const PATH = "sidecar.register.check.path";

function usesConsul({ discovery, services = {} }: PolicyInput): boolean {
  const listed = Object.values(services);
  if (discovery?.consul !== undefined || listed.length === 0) return true;
  return listed.some(({ discover }) => discover === undefined || "consul" in discover);
}

function put(fields: Map<string, Written>, path: Path, value: unknown): void {
  const nested = typeof value === "object" && value !== null && !WHOLE.has(pathText(path));
  if (nested && !Array.isArray(value)) {
    for (const [key, inner] of Object.entries(value)) if (inner !== undefined) put(fields, [...path, key], inner);
  } else if (nested && pathText(path) === "sidecar.tcp" && Array.isArray(value)) {
    value.forEach((inner: unknown, i) => put(fields, [...path, i], inner));
  } else fields.set(pathText(path), { value, origin: { kind: "policy", path } });
}

/** Objects that are one value. */
const WHOLE: ReadonlySet<string> = new Set([
  "sidecar.inbound.tls.key",
  "sidecar.outbound.tls.key",
  "sidecar.register.meta",
]);
