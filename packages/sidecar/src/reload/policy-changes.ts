import { isDeepStrictEqual } from "node:util";
import { overlap, type Policy } from "@weft/config";
import { fieldChanges } from "./field-changes.ts";
import { type ListenerPlan, listenerPlans, type PlannedListener } from "./listener-plans.ts";

/** What to do so that a sidecar that runs by one policy runs by another. */
export interface PolicyChanges {
  readonly listeners: ListenerChanges;
  /** Names of listed services. A changed one keeps what was measured. */
  readonly services: {
    readonly added: readonly string[];
    readonly removed: readonly string[];
    readonly changed: readonly string[];
  };
  /** The policy of services that are not listed. */
  readonly defaults: boolean;
  /** Where Consul is, or the token: every watch of it starts anew. */
  readonly consul: boolean;
  /** What Consul is told of the service, so that it has to be told again. */
  readonly register: boolean;
  readonly accessLog: boolean;
  /** All of it in plain words, one line each; empty when both policies do the same. */
  readonly words: readonly string[];
}

/** Sockets to open and to close. What is neither stays open, with all its connections. */
export interface ListenerChanges {
  /** Before anything else, so that an address that is taken leaves all as it was. */
  readonly open: readonly ListenerPlan[];
  readonly close: readonly ListenerPlan[];
  /**
   * Those of `close` that hold an address which one of `open` needs: they stop listening first, their connections go
   * on, and if opening fails they listen again.
   */
  readonly closeFirst: readonly ListenerPlan[];
  /** Same kind and address, and secured in the same way, so the socket stays and what it does changes. */
  readonly changed: readonly { readonly before: ListenerPlan; readonly after: ListenerPlan }[];
}

/** What has to change from `before` to `after`, both checked for the home `sidecar`. Cost: O(services + listeners). */
export function policyChanges(before: Policy, after: Policy): PolicyChanges {
  const listeners = listenerChanges(before, after);
  const services = serviceChanges(before, after);
  const defaults = !isDeepStrictEqual(before.defaults, after.defaults);
  const consul = !isDeepStrictEqual(before.discovery.consul, after.discovery.consul);
  const words = [...listeners.words, ...services.words, ...(defaults ? ["defaults changed"] : [])];
  if (consul) words.push("discovery.consul changed");
  for (const part of ["register", "drain"] as const) words.push(...partWords(before, after, `sidecar.${part}`));
  words.push(...partWords(before, after, "telemetry"));
  return {
    listeners: listeners.changes,
    services: services.changes,
    defaults,
    consul,
    register: !isDeepStrictEqual(before.sidecar?.register, after.sidecar?.register),
    accessLog: !isDeepStrictEqual(before.telemetry.accessLog, after.telemetry.accessLog),
    words,
  };
}

function partWords(before: Policy, after: Policy, path: string): readonly string[] {
  const changes = fieldChanges(before.explainSidecar(), after.explainSidecar(), { before: path, after: path });
  return changes.map((change) => `${path}.${change}`);
}

function serviceChanges(before: Policy, after: Policy) {
  const changes = { added: [] as string[], removed: [] as string[], changed: [] as string[] };
  const words: string[] = [];
  for (const name of before.services.keys()) {
    if (after.services.has(name)) continue;
    changes.removed.push(name);
    words.push(`service ${name} removed`);
  }
  for (const [name, policy] of after.services) {
    const was = before.services.get(name);
    if (was === undefined) {
      changes.added.push(name);
      words.push(`service ${name} added`);
    } else if (!isDeepStrictEqual(was, policy)) {
      changes.changed.push(name);
      const fields = fieldChanges(before.explain(name) ?? [], after.explain(name) ?? []);
      words.push(...(fields.length === 0 ? ["rules changed"] : fields).map((field) => `service ${name}: ${field}`));
    }
  }
  return { changes, words };
}

function listenerChanges(before: Policy, after: Policy) {
  const changed: { before: ListenerPlan; after: ListenerPlan }[] = [];
  const words: string[] = [];
  const close = [...listenerPlans(before)];
  const open: PlannedListener[] = [];
  for (const is of listenerPlans(after)) {
    const was = take(close, (one) => one.address === is.address && isSameSocket(one.plan, is.plan));
    if (was === undefined) open.push(is);
    else if (!isDeepStrictEqual(was.plan.policy, is.plan.policy)) {
      changed.push({ before: was.plan, after: is.plan });
      const paths = { before: was.path, after: is.path };
      const fields = fieldChanges(before.explainSidecar(), after.explainSidecar(), paths);
      // Its name alone may have changed, by what stands beside it.
      words.push(...(fields.length === 0 ? [`is named ${is.name}`] : fields).map((field) => `${was.name}: ${field}`));
    }
  }
  words.push(...open.map(({ name, address }) => `${name} opens at ${address}`));
  words.push(...close.map(({ name, address }) => `${name} closes at ${address}`));
  const plan = (planned: PlannedListener): ListenerPlan => planned.plan;
  const inTheWay = close
    .map(plan)
    .filter(({ policy }) => open.some((is) => overlap(policy.listen, is.plan.policy.listen)));
  return { changes: { open: open.map(plan), close: close.map(plan), closeFirst: inTheWay, changed }, words };
}

/** Whether one socket can be either: other certificates are put in their place, TLS itself is not turned on or off. */
function isSameSocket(a: ListenerPlan, b: ListenerPlan): boolean {
  return a.kind === b.kind && securityOf(a) === securityOf(b);
}

function securityOf(plan: ListenerPlan): "plain" | "tls" | "tls both ways" {
  const tls = plan.kind === "inbound" || plan.kind === "outbound" ? plan.policy.tls : undefined;
  if (tls === undefined) return "plain";
  return tls.ca === undefined ? "tls" : "tls both ways";
}

/** Takes the first that fits out of the list, so that each is used once. */
function take<T>(list: T[], fits: (item: T) => boolean): T | undefined {
  const at = list.findIndex(fits);
  return at < 0 ? undefined : list.splice(at, 1)[0];
}
