import type { Explained, Policy, RuleInput } from "@weft/config";
import type { ConfigView } from "./admin-view.ts";

/** The policy in force as `/config` shows it. Part of the API: docs/admin.md has every field. */
export interface ShownConfig {
  /** Null: it came from the command line. */
  readonly file: string | null;
  /** When it was put in force, ISO 8601. */
  readonly since: string;
  /** Why the newest file was not taken, a line for each mistake; null when it was. */
  readonly refused: string | null;
  readonly consul: { readonly url: string; readonly datacenter: string | null; readonly token: string };
  /** Of the sidecar itself and of its access log, by path in the file. */
  readonly sidecar: Readonly<Record<string, ShownField>>;
  /** By service, then by path below the service. */
  readonly services: Readonly<Record<string, Readonly<Record<string, ShownField>>>>;
}

interface ShownField {
  readonly value: unknown;
  /** `built-in default (Finagle)`, or `defaults.retry.maxRetries at policy.yaml:12`. */
  readonly from: string;
}

/** Each value with its origin. Secrets never stand in a policy: it is shown where they are kept. */
export function showConfig({ policy, file, sinceEpochMs, refused }: ConfigView): ShownConfig {
  const { url, datacenter, token } = policy.discovery.consul;
  const services = [...policy.services.keys()].map((name) => {
    return [name, { ...rulesOf(policy, name), ...fields(policy.explain(name) ?? []) }] as const;
  });
  return {
    file: file ?? null,
    since: new Date(sinceEpochMs).toISOString(),
    refused: refused ?? null,
    consul: {
      url,
      datacenter: datacenter ?? null,
      token: token === undefined ? "none" : "env" in token ? `from env ${token.env}` : `from file ${token.file}`,
    },
    sidecar: fields(policy.explainSidecar()),
    services: Object.fromEntries(services),
  };
}

/** What each rule asks of a call. */
function rulesOf({ input }: Policy, name: string): Readonly<Record<string, ShownField>> {
  const rules = input.services?.[name]?.rules ?? [];
  return Object.fromEntries(
    rules.map(({ when }, i) => [
      `rules[${i}].when`,
      { value: withoutValues(when), from: `services.${name}.rules[${i}].when` },
    ]),
  );
}

/** The value that a header must have may be a key of somebody's. */
function withoutValues(when: RuleInput["when"]): RuleInput["when"] {
  if (when.header === undefined) return when;
  const header = Object.entries(when.header).map(([name, value]) => [name, value === "*" ? value : "***"] as const);
  return { ...when, header: Object.fromEntries(header) };
}

function fields(explained: readonly Explained[]): Readonly<Record<string, ShownField>> {
  return Object.fromEntries(explained.map(({ field, value, from }) => [field, { value, from }]));
}
