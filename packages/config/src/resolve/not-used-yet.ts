import type { PolicyInput, RuleInput, ServiceDefaultsInput } from "../input/policy-input.ts";
import type { Path } from "../problem/problem.ts";
import type { Finding } from "../schema/find-problems.ts";

/** Parts that are checked so that one file fits every home, and that nothing acts on yet. */
export function notUsedYet(input: PolicyInput): readonly Finding[] {
  const paths: Path[] = [];
  for (const part of ["sidecar", "gateway", "telemetry"]) if (part in input) paths.push([part]);
  if (input.defaults !== undefined) paths.push(...unusedIn(input.defaults, ["defaults"]));
  for (const [name, service] of Object.entries(input.services ?? {})) {
    paths.push(...unusedIn(service, ["services", name]));
    service.rules?.forEach((rule, i) => paths.push(...unusedInRule(rule, ["services", name, "rules", i])));
  }
  return paths.map((path) => ({ severity: "warning", path, key: true, message: "checked, but nothing uses it yet" }));
}

const LATER_BALANCERS: ReadonlySet<string | undefined> = new Set(["ring-hash", "maglev", "source-ip"]);
const LATER_PROTOCOLS: ReadonlySet<string | undefined> = new Set(["http2", "grpc", "tcp"]);

function unusedIn(service: ServiceDefaultsInput, at: Path): readonly Path[] {
  const paths: Path[] = unusedInRule(service, at);
  if (LATER_PROTOCOLS.has(service.protocol)) paths.push([...at, "protocol"]);
  if (LATER_BALANCERS.has(service.balancer?.kind)) paths.push([...at, "balancer", "kind"]);
  if (service.health !== undefined && service.health !== "off") paths.push([...at, "health"]);
  if (service.slowStart !== undefined && service.slowStart !== "off") paths.push([...at, "slowStart"]);
  return paths;
}

function unusedInRule({ hedge }: Pick<RuleInput, "hedge">, at: Path): Path[] {
  return hedge === undefined || hedge === "off" ? [] : [[...at, "hedge"]];
}
