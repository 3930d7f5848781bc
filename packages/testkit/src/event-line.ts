import type { MeshEventName, MeshEvents } from "@weft/core";
import type { JournalEntry } from "./event-journal.ts";

type Words = { readonly [Name in MeshEventName]: (event: MeshEvents[Name]) => string };

// Every event of core must have its words here: a new one is a compile error until it does.
const WORDS: Words = {
  "membership.changed": ({ added, removed, changed, total }) =>
    `${total} endpoints now` + list("added", added) + list("removed", removed) + list("changed", changed),
  "membership.panic": ({ on, by, total }) => {
    const checks = by === "registry" ? "the registry's checks" : "its active check";
    if (on) return `none of ${total} passes ${checks}: ${by === "registry" ? "they are" : "it is"} ignored`;
    return by === "registry" ? "the registry's checks count again" : "active checks count again";
  },
  "endpoint.unhealthy": ({ endpoint, why }) => `${endpoint} fails its active check: ${why}`,
  "endpoint.healthy": ({ endpoint }) => `${endpoint} passes its active check again`,
  "discovery.freshness": ({ from, to, error }) => `discovery went from ${from} to ${to}${because(error)}`,
  "discovery.held": ({ reason }) => `an answer of the registry was not believed: ${reason}`,
  "endpoint.ejected": ({ endpoint, why, forMs, untilMs }) =>
    `ejected ${endpoint} for ${forMs} ms, until ${untilMs}: ${why}`,
  "endpoint.kept": ({ endpoint, why }) => `kept ${endpoint}: ${why}`,
  "endpoint.probing": ({ endpoint }) => `${endpoint} is on trial`,
  "endpoint.returned": ({ endpoint }) => `${endpoint} takes full traffic again`,
  "breaker.changed": ({ from, to, why }) => `breaker went from ${from} to ${to}: ${why}`,
  "retry.started": ({ retry, pauseMs, why }) => `retry ${retry} after ${pauseMs} ms: ${why}`,
  "retry.denied": ({ reason }) => `no retry: ${reason}`,
  "hedge.started": ({ slow, endpoint, afterMs }) =>
    `hedge at ${endpoint} after ${afterMs} ms without an answer of ${slow}`,
  "hedge.won": ({ slow, endpoint, afterMs }) => `hedge at ${endpoint} answered after ${afterMs} ms, before ${slow}`,
  "session.moved": ({ from, to }) => `a session moved from ${from ?? "an endpoint that left"} to ${to}`,
  "limit.reached": ({ limit, value }) => `limit ${limit} of ${value} is reached`,
  "call.ended": ({ endpoint, attempts, durationMs, status, error }) =>
    `call ended at ${endpoint ?? "no endpoint"} with ${error ?? status}, ` +
    `${attempts === 1 ? "1 attempt" : `${attempts} attempts`}, ${durationMs} ms`,
};

/** Names of all events that core reports. */
// WORDS has exactly these keys, by its type.
export const EVENT_NAMES = Object.keys(WORDS) as readonly MeshEventName[];

/** `orders: ejected orders-2 for 5000 ms, until 6000: 5 consecutive connect failures` */
export function eventLine(entry: JournalEntry): string {
  return `${entry.event.service}: ${words(entry.name, entry.event)}`;
}

function words<Name extends MeshEventName>(name: Name, event: unknown): string {
  // Only called with the name and the event of one entry, which belong together.
  return WORDS[name](event as MeshEvents[Name]);
}

function list(verb: string, ids: readonly string[]): string {
  return ids.length === 0 ? "" : `, ${verb} ${ids.join(" ")}`;
}

function because(error: string | undefined): string {
  return error === undefined ? "" : `: ${error}`;
}
