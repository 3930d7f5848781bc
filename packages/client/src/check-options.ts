import { durationMs, suggest } from "@weft/config";
import { MeshError, type MeshEventName } from "@weft/core";
import { tlsMistakes } from "./service/dial-tls.ts";

/** What may stand in the options of `createMesh`. The policies in it are checked as a policy file is. */
const KNOWN = [
  "registry",
  "discovery",
  "defaults",
  "services",
  "breakers",
  "tls",
  "suffix",
  "readyTimeout",
  "snapshotDir",
  "telemetry",
  "onEvent",
  "time",
  "random",
];
const KNOWN_FOR_A_CALL = ["timeoutMs", "idempotent"];
/** What may stand in what the mesh's methods are given. */
const KNOWN_FOR = {
  close: ["drainMs"],
  configure: ["defaults", "services"],
  explain: ["service", "call", "last", "trace", "failed"],
  install: ["fetch", "dispatcher", "httpAgent"],
} as const;
const DRAIN_MS = 5_000;
/** setTimeout takes no more. */
const LONGEST_TIMER_MS = 2_147_483_647;
const EVENTS = {
  "membership.changed": true,
  "membership.panic": true,
  "discovery.freshness": true,
  "discovery.held": true,
  "endpoint.unhealthy": true,
  "endpoint.healthy": true,
  "endpoint.ejected": true,
  "endpoint.kept": true,
  "endpoint.probing": true,
  "endpoint.returned": true,
  "breaker.changed": true,
  "retry.started": true,
  "retry.denied": true,
  "hedge.started": true,
  "hedge.won": true,
  "session.moved": true,
  "limit.reached": true,
  "call.ended": true,
} satisfies Record<MeshEventName, true>;

/**
 * Checks what the types cannot, for callers in JavaScript and for values that come from elsewhere.
 *
 * @throws MeshError BAD_CONFIG that lists every mistake
 */
export function checkOptions(options: Readonly<Record<string, unknown>>): void {
  const mistakes = unknownNames(options, KNOWN);
  const { registry, breakers, readyTimeout, suffix, telemetry, tls } = options;
  if (registry !== undefined && (typeof registry !== "object" || registry === null)) {
    mistakes.push(`registry: ${String(registry)} is neither a Discovery nor endpoints by service`);
  }
  for (const [name, make] of Object.entries(breakers ?? {})) {
    if (typeof make === "function") continue;
    mistakes.push(
      `breakers.${name}: ${String(make)} is no function such as (ports) => opossumBreaker("${name}", {}, ports)`,
    );
  }
  if (readyTimeout !== undefined && !(durationMs(String(readyTimeout)) > 0)) {
    mistakes.push(`readyTimeout: ${String(readyTimeout)} is not a duration above 0 such as "5s"`);
  }
  if (suffix !== undefined && !/^\.[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(String(suffix))) {
    mistakes.push(`suffix: ${String(suffix)} is not a dot and a domain such as ".mesh"`);
  }
  if (tls !== undefined) {
    if (typeof tls !== "object" || tls === null) mistakes.push(`tls: ${String(tls)} is no object`);
    else mistakes.push(...tlsMistakes(tls));
  }
  if (telemetry !== undefined && !isTelemetry(telemetry)) {
    mistakes.push(
      "telemetry: it is what startTelemetry or openTelemetry of @weft/telemetry gives, not a policy's part",
    );
  }
  if (mistakes.length > 0) throw new MeshError("BAD_CONFIG", mistakes.join("; "));
}

function isTelemetry(value: unknown): boolean {
  return typeof value === "object" && value !== null && ("tracing" in value || "observe" in value);
}

/**
 * The mistake in what a call asks of the mesh; undefined when there is none.
 *
 * @param own as it came with the call, of any type
 */
export function callOptionsMistake(own: unknown): MeshError | undefined {
  if (typeof own !== "object" || own === null) return new MeshError("BAD_CONFIG", `mesh: ${String(own)} is no object`);
  const options: Readonly<Record<string, unknown>> = { ...own };
  const mistakes = unknownNames(options, KNOWN_FOR_A_CALL);
  const { timeoutMs, idempotent } = options;
  if (timeoutMs !== undefined && !(typeof timeoutMs === "number" && timeoutMs > 0)) {
    mistakes.push(`timeoutMs: ${String(timeoutMs)} is not a number of ms above 0`);
  }
  if (idempotent !== undefined && typeof idempotent !== "boolean") {
    mistakes.push(`idempotent: ${String(idempotent)} is neither true nor false`);
  }
  return mistakes.length === 0 ? undefined : new MeshError("BAD_CONFIG", `mesh: ${mistakes.join("; ")}`);
}

/**
 * Checks what a method of the mesh is given.
 *
 * @throws MeshError BAD_CONFIG that lists every name it does not know
 */
export function checkGiven(method: keyof typeof KNOWN_FOR, given: unknown): void {
  const mistakes =
    typeof given === "object" && given !== null
      ? unknownNames({ ...given }, KNOWN_FOR[method])
      : [`${String(given)} is no object`];
  if (mistakes.length > 0) throw new MeshError("BAD_CONFIG", `${method}: ${mistakes.join("; ")}`);
}

/**
 * For how long `close` lets calls go on, in ms.
 *
 * @param given as it came, of any type
 * @throws MeshError BAD_CONFIG
 */
export function drainMsOf(given: { readonly drainMs?: number }): number {
  checkGiven("close", given);
  const { drainMs = DRAIN_MS } = given;
  if (typeof drainMs === "number" && drainMs >= 0 && drainMs <= LONGEST_TIMER_MS) return drainMs;
  throw new MeshError(
    "BAD_CONFIG",
    `close: drainMs: ${String(drainMs)} is not a number of ms from 0 to ${LONGEST_TIMER_MS}`,
  );
}

/** @throws MeshError BAD_CONFIG when there is no event of that name */
export function checkEvent(name: string): void {
  if (Object.hasOwn(EVENTS, name)) return;
  const [mistake] = unknownNames({ [name]: true }, Object.keys(EVENTS));
  throw new MeshError("BAD_CONFIG", `on: ${mistake?.replace("option", "event")}`);
}

function unknownNames(options: Readonly<Record<string, unknown>>, known: readonly string[]): string[] {
  return Object.keys(options)
    .filter((name) => !known.includes(name))
    .map((name) => {
      const meant = suggest(name, known);
      return `${name}: no such option${meant === undefined ? `; there are ${known.join(", ")}` : `; is ${meant} meant?`}`;
    });
}
