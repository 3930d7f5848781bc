import type { PolicyInput, RuleInput, ServiceDefaultsInput } from "../input/policy-input.ts";
import type { Path } from "../problem/problem.ts";
import type { Finding } from "../schema/find-problems.ts";

/** Parts of a policy that are checked so that one file fits every home, and that nothing acts on yet. */
export const LATER_PARTS: ReadonlySet<string> = new Set(["sidecar", "gateway", "telemetry"]);
/** The same of a service, by their path within it. */
export const LATER_FIELDS: ReadonlySet<string> = new Set(["hedge", "health", "slowStart", "limits.pending"]);
/** Values of `balancer.kind` that no home has a picker for. */
export const LATER_BALANCERS: ReadonlySet<string> = new Set(["ring-hash", "maglev", "source-ip"]);
/** Values of `protocol` that no home speaks. */
export const LATER_PROTOCOLS: ReadonlySet<string> = new Set(["http2", "grpc", "tcp"]);

/** A warning for each that was written. */
export function notUsedYet(input: PolicyInput): readonly Finding[] {
  const paths: Path[] = [...LATER_PARTS].filter((part) => part in input).map((part) => [part]);
  if (input.defaults !== undefined) paths.push(...unusedIn(input.defaults, ["defaults"]));
  for (const [name, service] of Object.entries(input.services ?? {})) {
    paths.push(...unusedIn(service, ["services", name]));
    service.rules?.forEach((rule, i) => paths.push(...unusedIn(rule, ["services", name, "rules", i])));
  }
  return paths.map((path) => ({ severity: "warning", path, key: true, message: "checked, but nothing uses it yet" }));
}

function unusedIn(part: ServiceDefaultsInput | RuleInput, at: Path): readonly Path[] {
  const paths: Path[] = [];
  for (const field of LATER_FIELDS) {
    const steps = field.split(".");
    const value = valueAt(part, steps);
    if (value !== undefined && value !== "off") paths.push([...at, ...steps]);
  }
  if ("protocol" in part && LATER_PROTOCOLS.has(String(part.protocol))) paths.push([...at, "protocol"]);
  if ("balancer" in part && LATER_BALANCERS.has(String(part.balancer?.kind))) paths.push([...at, "balancer", "kind"]);
  return paths;
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
