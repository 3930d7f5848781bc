import type { FailureReason } from "./outcome.ts";
import type { OutlierTest } from "./policy/outlier-ejection/options.ts";

/**
 * What core reports. Only `telemetry` and the user's own listeners turn these into spans, numbers and lines.
 *
 * Every instant is in milliseconds on the policy clock; every name of an endpoint is its id.
 */
export interface MeshEvents {
  /** The set of endpoints changed. After each change the registry reports, at most a few a second. */
  "membership.changed": {
    readonly service: string;
    readonly added: readonly string[];
    readonly removed: readonly string[];
    readonly changed: readonly string[];
    readonly total: number;
  };
  /** The registry stopped answering, or answers again. Once per change. */
  "discovery.freshness": {
    readonly service: string;
    readonly from: "pending" | "live" | "stale" | "snapshot";
    readonly to: "pending" | "live" | "stale" | "snapshot";
    readonly error?: string;
  };
  /** An answer of the registry was not believed: empty after a full one, or most of it gone. Once per such answer. */
  "discovery.held": { readonly service: string; readonly reason: string };
  /** No endpoint passes the registry's checks any more, or none ours, so they are ignored; or some do. Once per change. */
  "membership.panic": {
    readonly service: string;
    readonly on: boolean;
    /** Whose checks are ignored; with `on` false, whose were. */
    readonly by: "registry" | "active-checks";
    readonly total: number;
  };
  /** An endpoint fails its active check so often that it takes no traffic. */
  "endpoint.unhealthy": {
    readonly service: string;
    readonly endpoint: string;
    /** In words: `3 checks failed in a row, the last: connection refused`. */
    readonly why: string;
  };
  /** It passes its active check again, after it was unhealthy. */
  "endpoint.healthy": { readonly service: string; readonly endpoint: string };
  /** An endpoint takes no traffic for a time. */
  "endpoint.ejected": {
    readonly service: string;
    readonly endpoint: string;
    readonly reason: EjectionReason;
    /** In words: `5 consecutive connect failures`. */
    readonly why: string;
    readonly forMs: number;
    readonly untilMs: number;
  };
  /** An endpoint deserved ejection and was kept, because too few would be left. */
  "endpoint.kept": {
    readonly service: string;
    readonly endpoint: string;
    readonly reason: EjectionReason;
    readonly why: string;
  };
  /** The ejection ran out: the next call is the trial that decides. */
  "endpoint.probing": { readonly service: string; readonly endpoint: string };
  /** Full traffic again: the trial succeeded, somebody said so, or it is the only one left. */
  "endpoint.returned": { readonly service: string; readonly endpoint: string };
  /** The service's circuit breaker changed. */
  "breaker.changed": {
    readonly service: string;
    readonly from: "closed" | "open" | "half-open";
    readonly to: "closed" | "open" | "half-open";
    readonly why: string;
  };
  /** An attempt failed and is repeated. */
  "retry.started": {
    readonly service: string;
    /** 1 for the first retry. */
    readonly retry: number;
    readonly why: string;
    readonly pauseMs: number;
  };
  /** An attempt failed, and repeating it was wanted but not allowed. */
  "retry.denied": { readonly service: string; readonly reason: RetryDenial };
  /** The first attempt of a call took long, and a second one began. For each hedge. */
  "hedge.started": {
    readonly service: string;
    /** Where the first attempt is, and where the second went. */
    readonly slow: string;
    readonly endpoint: string;
    /** How long the first attempt had been waited for. */
    readonly afterMs: number;
  };
  /** The second attempt gave the call its answer; the first had failed meanwhile, or was cut. */
  "hedge.won": {
    readonly service: string;
    readonly slow: string;
    readonly endpoint: string;
    /** Since the first attempt began. */
    readonly afterMs: number;
  };
  /** A caller's session is kept by another endpoint from the answer that says so on. Once per such answer. */
  "session.moved": {
    readonly service: string;
    /** Who kept it; undefined: an endpoint that is not known any more. */
    readonly from: string | undefined;
    readonly to: string;
  };
  /** A call was refused because this limit is reached. */
  "limit.reached": { readonly service: string; readonly limit: string; readonly value: number };
  /** A call ended, with its body. */
  "call.ended": {
    readonly service: string;
    /** The call's number, for `explain`. */
    readonly call: number;
    readonly endpoint: string | undefined;
    readonly attempts: number;
    readonly durationMs: number;
    /** HTTP status, 0 when there was none. */
    readonly status: number;
    /** A MeshError code or the transport's own code; undefined when the call was answered. */
    readonly error: string | undefined;
    /** See `hasFailed`: whether the mesh or the service did not do what was asked. */
    readonly failed: boolean;
  };
}

/** What ejected an endpoint: the kind of its last failure, or somebody. A closed set, for counting. */
export type EjectionReason = FailureReason | OutlierTest | "by-hand";

/** Why no retry followed a failure: the first rule that said no. */
export type RetryDenial =
  | "attempts" // maxRetries is used up
  | "budget"
  | "concurrency" // as many retries are under way as may be
  | "left-to-caller" // who sent the call repeats it, too: x-attempt
  | "not-idempotent"
  | "not-listed" // this kind of failure is not in `on`
  | "deadline" // the pause would outlast it
  | "retry-after" // the endpoint asks for a longer pause than is waited for, or than the deadline leaves
  | "body" // the request's body cannot be sent again
  | "refused-by-endpoint" // x-no-retry, x-envoy-overloaded
  | "committed"; // the response had begun

export type MeshEventName = keyof MeshEvents;
export type MeshListener<Name extends MeshEventName> = (event: MeshEvents[Name]) => void;

/**
 * Carries events to whoever listens. A listener that throws harms neither the call nor the other listeners, and one that is
 * async and fails does not end the process.
 */
export interface Events {
  /** Whether anybody listens: ask before building an event on the path of a call. */
  wants(name: MeshEventName): boolean;
  emit<Name extends MeshEventName>(name: Name, event: MeshEvents[Name]): void;
  /** Returns the way to stop listening. */
  on<Name extends MeshEventName>(name: Name, listener: MeshListener<Name>): () => void;
}

/**
 * Makes the carrier of one mesh's events.
 *
 * @param onListenerError told when a listener throws, or the promise of one breaks; absent, the error is dropped. Must not
 * throw
 */
export function meshEvents(onListenerError?: (error: unknown, name: MeshEventName) => void): Events {
  type Any = (event: never) => void;
  const listeners = new Map<MeshEventName, Any[]>();
  return {
    wants: (name) => listeners.has(name),
    emit(name, event) {
      const list = listeners.get(name);
      if (list === undefined) return;
      for (const listener of list) {
        try {
          // The list under `name` holds only listeners of that name: `on` is the one that writes it.
          const told: unknown = (listener as MeshListener<typeof name>)(event);
          if (told instanceof Promise) told.catch((error: unknown) => onListenerError?.(error, name));
        } catch (error) {
          onListenerError?.(error, name);
        }
      }
    },
    on(name, listener) {
      // One of its own for each registration: the same listener may be put on twice, and taken off once.
      const own: Any = (event) => listener(event);
      // Copied on change, so that a listener may come or go while an event is on its way.
      listeners.set(name, [...(listeners.get(name) ?? []), own]);
      return () => {
        const rest = (listeners.get(name) ?? []).filter((other) => other !== own);
        if (rest.length > 0) listeners.set(name, rest);
        else listeners.delete(name);
      };
    },
  };
}
