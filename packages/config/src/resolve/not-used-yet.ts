import { isGrpcCondition } from "@weft/core";
import type { BalancerInput } from "../input/balancer-input.ts";
import type { PolicyInput, RuleInput, ServiceDefaultsInput } from "../input/policy-input.ts";
import type { Path } from "../problem/problem.ts";
import type { Finding } from "../schema/find-problems.ts";
import type { Home } from "./merge.ts";

/** What is checked so that one file fits every home, and that a home does not act on yet. */
interface Unused {
  /** Paths from the root of the policy. */
  readonly parts: readonly string[];
  /** Paths within a service, or a rule. */
  readonly fields: readonly string[];
  readonly protocols: readonly string[];
  /** Whether words of `retry.on` that are statuses of gRPC are among it. */
  readonly grpcStatuses: boolean;
  /** Whether balancing by what only a caller from outside has is among it: an address, or a cookie that we gave it. */
  readonly callers: boolean;
}

const NOWHERE: Unused = {
  parts: ["gateway"],
  fields: [],
  protocols: [],
  grpcStatuses: false,
  callers: false,
};

/** What each home leaves unused. The part of another home is that home's and is passed over in silence. */
const UNUSED: Readonly<Record<Home, Unused>> = {
  sdk: {
    ...NOWHERE,
    parts: [...NOWHERE.parts, "telemetry"],
    fields: [...NOWHERE.fields, "tracing", "tls", "health.grpc", "limits.pending", "keepAlive"],
    protocols: [...NOWHERE.protocols, "http2", "grpc", "tcp"],
    grpcStatuses: true,
    callers: true,
  },
  sidecar: NOWHERE,
  gateway: NOWHERE,
};

/** Who uses a part, a field, or a value of one of two fields, of those that not every home does. */
export type Use = "nobody" | "sidecar" | "all";

/** For the pages: by path from the root, or within a service. */
export function useOf(path: string): Use {
  return use(({ parts, fields }) => [...parts, ...fields].includes(path));
}

/** The same of a value of `balancer.kind`, `protocol` or `retry.on`. */
export function useOfValue(field: string, value: string): Use {
  if (field === "retry.on") return use(({ grpcStatuses }) => grpcStatuses && isGrpcCondition(value));
  if (field === "balancer.kind") return use(({ callers }) => callers && value === "source-ip");
  if (field === "balancer.hashOn") return use(({ callers }) => callers && value === "source-address");
  return field === "protocol" ? use(({ protocols }) => protocols.includes(value)) : "all";
}

function use(isUnused: (unused: Unused) => boolean): Use {
  if (isUnused(UNUSED.sidecar)) return "nobody";
  return isUnused(UNUSED.sdk) ? "sidecar" : "all";
}

const NAMES: Readonly<Record<Home, string>> = { sdk: "the SDK", sidecar: "the sidecar", gateway: "the gateway" };

/** A warning for each that was written and that this home does not use. */
export function notUsedYet(input: PolicyInput, home: Home): readonly Finding[] {
  const unused = UNUSED[home];
  const paths: Path[] = unused.parts.map((part) => part.split(".")).filter((steps) => isOn(valueAt(input, steps)));
  if (input.defaults !== undefined) paths.push(...unusedIn(input.defaults, ["defaults"], unused));
  for (const [name, service] of Object.entries(input.services ?? {})) {
    const at = ["services", name];
    paths.push(...unusedIn(service, at, unused));
    service.rules?.forEach((rule, i) => paths.push(...unusedIn(rule, [...at, "rules", i], unused)));
  }
  const message = `checked, but ${NAMES[home]} does not use it yet`;
  return paths.map((path): Finding => {
    return { severity: "warning", path, key: true, message: path[0] === "telemetry" ? TELEMETRY : message };
  });
}

const TELEMETRY = "checked, but the SDK's own telemetry is what createMesh({ telemetry }) is given";

function unusedIn(part: ServiceDefaultsInput | RuleInput, at: Path, unused: Unused): readonly Path[] {
  const paths: Path[] = [];
  for (const field of unused.fields) {
    const steps = field.split(".");
    if (isOn(valueAt(part, steps))) paths.push([...at, ...steps]);
  }
  const listed = typeof part.retry === "object" ? (part.retry.on ?? []) : [];
  if (unused.grpcStatuses) {
    listed.forEach((name, i) => {
      if (typeof name === "string" && isGrpcCondition(name)) paths.push([...at, "retry", "on", i]);
    });
  }
  if (unused.callers && "balancer" in part) paths.push(...ofCallers(part.balancer, at));
  if ("protocol" in part && unused.protocols.includes(String(part.protocol))) paths.push([...at, "protocol"]);
  return paths;
}

function ofCallers({ kind, hashOn = [] }: BalancerInput = {}, at: Path): readonly Path[] {
  const found: Path[] = kind === "source-ip" ? [[...at, "balancer", "kind"]] : [];
  hashOn.forEach((on, i) => {
    const path = [...at, "balancer", "hashOn", i];
    if (on === "source-address") found.push(path);
    else if (typeof on === "object" && "cookie" in on && typeof on.cookie === "object" && on.cookie.ttl !== undefined)
      found.push([...path, "cookie", "ttl"]);
  });
  return found;
}

function isOn(value: unknown): boolean {
  return value !== undefined && value !== "off";
}

function valueAt(part: unknown, steps: readonly string[]): unknown {
  let value = part;
  for (const step of steps) {
    // What was written is a tree of plain objects, so a key gives what stands there or nothing.
    value =
      typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[step] : undefined;
  }
  return value;
}
