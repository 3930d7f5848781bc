import { PolicyError } from "../problem/policy-error.ts";
import type { Problem } from "../problem/problem.ts";
import type { FieldOf, Policy } from "../resolve/check-policy.ts";
import { judgeTls } from "./judge-tls.ts";
import { readTexts, type TlsFault, type TlsPlaces, type TlsTexts } from "./tls-texts.ts";

/** What the files hold that the TLS of a policy names. */
export interface LoadedTls {
  /** By service, of those that have TLS. */
  readonly services: ReadonlyMap<string, TlsTexts>;
  /** Of services that the policy does not name. */
  readonly defaults: TlsTexts | undefined;
  /** By listener. */
  readonly listeners: ReadonlyMap<TlsListener, TlsTexts>;
  /** Such as of certificates whose time is over. */
  readonly warnings: readonly Problem[];
}

/** The listeners that can have TLS. */
export type TlsListener = "inbound" | "outbound";

export interface LoadTlsOptions {
  /** Wall clock, ms since 1970. Default: the system's. */
  readonly epochMs?: number;
  /** What it is when something cannot be read: `warning` where the policy is only looked at. Default `error`. */
  readonly unreadable?: Problem["severity"];
}

/**
 * Reads every certificate, key and authority that a policy names, each file once, and checks that they fit.
 *
 * @throws PolicyError that lists what is missing, unreadable, no PEM, or does not fit, with its place in the policy
 */
export async function loadTls(policy: Policy, options: LoadTlsOptions = {}): Promise<LoadedTls> {
  const known = new Map<string, Promise<Loaded>>();
  const load = (places: TlsPlaces): Promise<Loaded> => {
    // Services that inherit the same files share what is read of them.
    const key = JSON.stringify([places.ca, places.cert, places.key]);
    const loading = known.get(key) ?? loadPlaces(places, options);
    known.set(key, loading);
    return loading;
  };
  const problems = new Map<string, Problem>();
  const take = async (places: TlsPlaces | undefined, of: (field: string) => FieldOf): Promise<TlsTexts | undefined> => {
    if (places === undefined) return undefined;
    const { texts, faults } = await load(places);
    for (const { field, severity, message } of faults) {
      const problem = policy.problemAt(of(`tls.${field}`), severity, message);
      // What many services inherit is told once.
      problems.set(`${problem.path} ${message}`, problem);
    }
    return texts;
  };

  const services = new Map<string, TlsTexts>();
  const listeners = new Map<TlsListener, TlsTexts>();
  const defaults = await take(policy.defaults.tls, (field) => ({ service: "", field }));
  for (const [service, { tls }] of policy.services) {
    const texts = await take(tls, (field) => ({ service, field }));
    if (texts !== undefined) services.set(service, texts);
  }
  for (const listener of ["inbound", "outbound"] as const) {
    const texts = await take(policy.sidecar?.[listener]?.tls, (field) => ({ field: `sidecar.${listener}.${field}` }));
    if (texts !== undefined) listeners.set(listener, texts);
  }
  const found = [...problems.values()];
  const errors = found.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new PolicyError(errors);
  return { services, defaults, listeners, warnings: found };
}

/** Every file of certificates, keys and authorities that a policy names, for those who look whether they change. */
export function tlsFiles({ services, defaults, sidecar }: Policy): readonly string[] {
  const all: (TlsPlaces | undefined)[] = [defaults.tls, sidecar?.inbound?.tls, sidecar?.outbound?.tls];
  for (const { tls } of services.values()) all.push(tls);
  const files = all.flatMap((places) => {
    const { ca, cert, key } = places ?? {};
    return [ca, cert, key !== undefined && "file" in key ? key.file : undefined];
  });
  return [...new Set(files.filter((file) => file !== undefined))];
}

interface Loaded {
  readonly texts: TlsTexts;
  readonly faults: readonly TlsFault[];
}

async function loadPlaces(places: TlsPlaces, options: LoadTlsOptions): Promise<Loaded> {
  const { epochMs = Date.now(), unreadable = "error" } = options;
  const { texts, faults } = await readTexts(places);
  const unread = faults.map((fault) => ({ ...fault, severity: unreadable }));
  return { texts, faults: [...unread, ...judgeTls(texts, places, epochMs)] };
}
