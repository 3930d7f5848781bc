import type { Endpoint } from "./endpoint.ts";

/** The endpoints of one service as last learned, and how far that can be trusted. */
export interface Membership {
  readonly endpoints: readonly Endpoint[];
  readonly freshness: Freshness;
  /** Where it comes from, for people: `consul orders at http://127.0.0.1:8500`, `static`, `file orders.json`. */
  readonly source: string;
  /** Counts up with each change of `endpoints`. Consul: not its index. */
  readonly version: number;
  /** What the registry lists besides and nobody can dial, each with who and why. Absent: nothing. */
  readonly leftOut?: readonly string[];
}

export type Freshness =
  /** Nothing learned yet; `error` says why not, once an attempt has failed. */
  | { readonly kind: "pending"; readonly error?: string }
  /**
   * The registry confirmed this at `atMs` on the policy clock. `lastContactMs`: how long before the server that did so had
   * heard from its leader; absent when the registry has none, or does not say.
   */
  | { readonly kind: "live"; readonly atMs: number; readonly lastContactMs?: number }
  /** The registry cannot be asked since `sinceMs`; these endpoints are its last good answer. */
  | { readonly kind: "stale"; readonly sinceMs: number; readonly error: string }
  /** Read from disk at start, because the registry has not answered yet. Written `ageMs` before it was read. */
  | { readonly kind: "snapshot"; readonly ageMs: number; readonly error?: string };

/** A subscription to one service's membership. Never ends by itself and never throws: trouble shows in `freshness`. */
export interface Watch {
  readonly membership: Membership;
  /** Calls `listener` after each change of `membership`. Returns the way to stop it. */
  subscribe(listener: (membership: Membership) => void): () => void;
  /**
   * Resolves with the first membership that is not `pending`; at once when there is one. An empty one counts.
   *
   * @throws the signal's reason when it aborts first; MeshError CLOSED when the watch is closed first
   */
  ready(signal?: AbortSignal): Promise<Membership>;
  /** Ends the subscription. No listener runs afterwards. Calling it again does nothing. */
  close(): void;
}

/** Where endpoints come from. One for each way to learn them: static, file, DNS, Consul. */
export interface Discovery {
  /** Starts, or shares, the watch of one service. Does not throw for a registry that is down. */
  watch(service: string): Watch;
  /** Closes every watch and whatever they hold: sockets, file handles, timers. */
  close(): Promise<void>;
}
