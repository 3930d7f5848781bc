import type { DiscoveryInput, PolicyInput, ServicePolicyInput } from "../input/policy-input.ts";
import type { Secret } from "../input/units.ts";
import { type Path, pathText, type Position, type Problem } from "../problem/problem.ts";
import { PolicyError } from "../problem/policy-error.ts";
import { type Finding, findProblems } from "../schema/find-problems.ts";
import { CONSUL_URL } from "./built-in.ts";
import { contradictions } from "./contradictions.ts";
import { builtInFields, type Fields, type Home, overlay, type Written } from "./merge.ts";
import { sidecarContradictions } from "./sidecar-contradictions.ts";
import { type GivenFields, sidecarFields } from "./sidecar-fields.ts";
import { sidecarFromFields } from "./sidecar-from-fields.ts";
import type { SidecarPolicy } from "./sidecar-policy.ts";
import { telemetryContradictions } from "./telemetry-contradictions.ts";
import { inheritedTracing } from "./telemetry-fields.ts";
import { telemetryFromFields } from "./telemetry-from-fields.ts";
import type { TelemetryPolicy } from "./telemetry-policy.ts";
import { notUsedYet } from "./not-used-yet.ts";
import { ruleWhen } from "./match-rule.ts";
import { explainFields, type Explained } from "./explain.ts";
import { ruleLimits } from "./rule-limits.ts";
import { callFromFields, serviceFromFields } from "./service-from-fields.ts";
import type { Rule, ServicePolicy } from "./service-policy.ts";
import { pathsOf } from "./tls-policy.ts";
import { zonesContradictions } from "./zones-contradictions.ts";

/** A policy that was accepted, resolved for every service that it names. */
export interface Policy {
  readonly discovery: {
    readonly consul: { readonly url: string; readonly token?: Secret; readonly datacenter?: string };
    /** Which instance of which service this process is; undefined: not said. */
    readonly self: DiscoveryInput["self"];
  };
  /** For a service that the policy does not name. */
  readonly defaults: ServicePolicy;
  readonly services: ReadonlyMap<string, ServicePolicy>;
  /** Undefined: the policy has no such part. */
  readonly sidecar: SidecarPolicy | undefined;
  readonly telemetry: TelemetryPolicy;
  /** As it was written. */
  readonly input: PolicyInput;
  /**
   * Each field of a service with its value and where that came from, and as `rules[0].timeout.total` what a rule
   * changes; undefined for a service that is not named.
   */
  explain(service: string): readonly Explained[] | undefined;
  /** The same of `sidecar` and of `telemetry`, by path in the file: `sidecar.tcp[0].listen`. */
  explainSidecar(): readonly Explained[];
  /**
   * A problem of a field that shows only when it is put to use, such as a file that cannot be read, with the place where
   * the field was written.
   *
   * @param of `service`: its name, "" for `defaults`; absent: the field is one of `explainSidecar`
   */
  problemAt(of: FieldOf, severity: Problem["severity"], message: string): Problem;
}

/** A field by its name in `explain`, or in `explainSidecar`. */
export interface FieldOf {
  readonly service?: string;
  readonly field: string;
}

/** A policy that is right, and what is odd about it. */
export interface CheckedPolicy {
  readonly policy: Policy;
  /** Of severity `warning`. */
  readonly warnings: readonly Problem[];
}

/** For whom a policy is checked, and where it came from. */
export interface CheckOptions {
  /** Who will use it. Default `sdk`. */
  readonly home?: Home;
  /** Named in each problem. */
  readonly file?: string;
  /** Stands over what the policy says. */
  readonly given?: GivenFields;
  /** Where a path stands in the file. */
  readonly locate?: (path: Path, what: "key" | "value") => Position | undefined;
}

/**
 * Checks a policy given as an object, and resolves it: built-in defaults < `defaults` < `services.X` < `rules[i]`,
 * field by field. The tracing of a service stands on `telemetry`.
 *
 * @throws PolicyError, a MeshError BAD_CONFIG, that lists every mistake: first those of form; what contradicts what is
 *   asked once the form is right
 */
export function checkPolicy(value: unknown, options: CheckOptions = {}): CheckedPolicy {
  const parsed = findProblems(value);
  if (parsed.kind === "refused") throw new PolicyError(parsed.findings.map((finding) => problem(finding, options)));
  const { input } = parsed;
  const { home = "sdk", file } = options;
  const found = pathsOf(file);
  const beside = sidecarFields(input, options.given);
  const builtIn = new Map([...builtInFields(home), ...inheritedTracing(beside)]);
  const base = overlay(builtIn, input.defaults ?? {}, ["defaults"]);
  const knowsSelf =
    input.discovery?.self !== undefined || (home === "sidecar" && input.sidecar?.register !== undefined);
  const findings: Finding[] = [
    ...contradictions(base, ["defaults"], input.defaults ?? {}),
    ...zonesContradictions(base, ["defaults"], input.defaults ?? {}, knowsSelf),
    ...notUsedYet(input, home),
  ];
  const services = new Map<string, ServicePolicy>();
  const explained = new Map<string, Fields>();
  for (const [name, service] of Object.entries(input.services ?? {})) {
    const at = ["services", name];
    const { rules = [], ...own } = service;
    const fields = overlay(base, own, at);
    findings.push(...contradictions(fields, at, own), ...zonesContradictions(fields, at, own, knowsSelf));
    const shown = new Map(fields);
    const resolved = resolveRules(rules, fields, at, { findings, shown });
    services.set(name, serviceFromFields(name, fields, resolved, found));
    explained.set(name, shown);
  }
  const sidecar = input.sidecar === undefined ? undefined : sidecarFromFields(input.sidecar, beside, found);
  if (sidecar !== undefined) findings.push(...sidecarContradictions(input, sidecar, { home, fields: beside }));
  findings.push(...telemetryContradictions(input, home));
  const problems = unique(findings).map((finding) => problem(finding, options));
  const errors = problems.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new PolicyError(errors);
  const policy: Policy = {
    discovery: { consul: { url: CONSUL_URL, ...input.discovery?.consul }, self: input.discovery?.self },
    defaults: serviceFromFields("", base, [], found),
    services,
    sidecar,
    telemetry: telemetryFromFields(beside, found),
    input,
    explain: (service) => {
      const fields = explained.get(service);
      return fields === undefined ? undefined : explainFields(fields, options);
    },
    explainSidecar: () => explainFields(beside, options),
    problemAt: ({ service, field }, severity, message) => {
      const fields = service === undefined ? beside : (explained.get(service) ?? base);
      const origin = fields.get(field)?.origin;
      return problem({ severity, path: origin?.kind === "policy" ? origin.path : [field], message }, options);
    },
  };
  return { policy, warnings: problems };
}

function resolveRules(
  rules: NonNullable<ServicePolicyInput["rules"]>,
  above: Fields,
  at: Path,
  { findings, shown }: { readonly findings: Finding[]; readonly shown: Map<string, Written> },
): readonly Rule[] {
  return rules.map(({ when, limits, ...own }, i) => {
    const ruleAt = [...at, "rules", i];
    const fields = overlay(above, own, ruleAt);
    const limited = limits && ruleLimits(limits, i, above, ruleAt);
    findings.push(...contradictions(fields, ruleAt, own), ...(limited?.findings ?? []));
    // What the rule changes; the rest is the service's own.
    for (const [field, written] of [...fields, ...(limited?.fields ?? [])]) {
      if (written !== above.get(field)) shown.set(`rules[${i}].${field}`, written);
    }
    return { when: ruleWhen(when), policy: { ...callFromFields(fields), ruleLimits: limited?.policy } };
  });
}

/** A mistake in `defaults` shows in every service that inherits it, and is told once. */
function unique(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Map(findings.map((finding) => [`${pathText(finding.path)}: ${finding.message}`, finding]));
  return [...seen.values()];
}

/** Puts a finding in its place in the file. */
function problem({ severity, path, message, key }: Finding, { file, locate }: CheckOptions): Problem {
  const position = locate?.(path, key === true ? "key" : "value");
  return {
    severity,
    path: pathText(path),
    message,
    ...(file === undefined ? {} : { file }),
    ...(position === undefined ? {} : { position }),
  };
}
