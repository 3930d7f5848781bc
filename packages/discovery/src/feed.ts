import { MeshError, sameEndpoint } from "@weft/core";
import type { Clock, Endpoint, Events, Freshness, Membership, Watch } from "@weft/core";

export interface FeedOptions {
  /** The name it is watched by, unless who watches says another. */
  readonly service: string;
  /** For people: `consul orders at http://127.0.0.1:8500`. */
  readonly source: string;
  readonly clock: Clock;
  readonly events: Events | undefined;
  /** Told when the last watch of this feed has been closed. */
  readonly onIdle?: () => void;
}

type Listener = (membership: Membership) => void;

/**
 * What one source knows of one service, and who listens.
 *
 * A source reports what it learned, or why it could not; the feed keeps the last good endpoints, counts versions,
 * tells listeners and hands out watches. Listeners hear of changed endpoints, of another kind of freshness and of
 * another error; a mere confirmation moves `freshness.atMs` without a call.
 */
export class Feed {
  readonly #options: FeedOptions;
  #membership: Membership;
  #listeners: readonly Listener[] = [];
  /** How many watches are open by each name. */
  readonly #watches = new Map<string, number>();
  #closed = false;
  /** Counts the rounds of notification, so that an outer one sees that an inner one has overtaken it. */
  #rounds = 0;
  readonly #onClose = new Set<() => void>();

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#membership = { endpoints: [], freshness: { kind: "pending" }, source: options.source, version: 0 };
  }

  get membership(): Membership {
    return this.#membership;
  }

  /** The names it is watched by, or its own while nobody watches: what is told of it, is told of each. */
  get services(): Iterable<string> {
    return this.#watches.size === 0 ? [this.#options.service] : this.#watches.keys();
  }

  /**
   * The registry confirmed these endpoints now.
   *
   * @param leftOut what it lists besides and nobody can dial: who, and why
   */
  learned(endpoints: readonly Endpoint[], leftOut: readonly string[] = []): void {
    this.#become(endpoints, { kind: "live", atMs: this.#options.clock.nowMs() }, leftOut);
  }

  /** The registry confirmed now what it said last. @param lastContactMs see `Freshness` */
  confirmed(lastContactMs?: number): void {
    const contact = lastContactMs === undefined ? {} : { lastContactMs };
    this.#become(this.#membership.endpoints, { kind: "live", atMs: this.#options.clock.nowMs(), ...contact });
  }

  /** The registry cannot be asked, or its answer cannot be believed. Whatever was known stays known. */
  failed(error: string): void {
    const { endpoints, freshness } = this.#membership;
    this.#become(endpoints, afterFailure(freshness, error, this.#options.clock.nowMs()));
  }

  /** Part of an answer is believed already, while the rest waits to be confirmed. Freshness stays as it is. */
  showed(endpoints: readonly Endpoint[]): void {
    this.#become(endpoints, this.#membership.freshness);
  }

  /** Read from disk, because the registry has not answered. Ignored once anything was learned. */
  fromDisk(endpoints: readonly Endpoint[], ageMs: number): void {
    const { freshness } = this.#membership;
    if (freshness.kind !== "pending") return;
    const error = freshness.error === undefined ? {} : { error: freshness.error };
    this.#become(endpoints, { kind: "snapshot", ageMs, ...error });
  }

  /** @param service the name it is watched by here */
  watch(service: string = this.#options.service): Watch {
    this.#watches.set(service, (this.#watches.get(service) ?? 0) + 1);
    const own = new Set<() => void>();
    let open = true;
    const close = (): void => {
      if (!open) return;
      open = false;
      for (const end of own) end();
      this.#onClose.delete(close);
      this.#left(service);
    };
    this.#onClose.add(close);
    if (this.#closed) close();

    const current = (): Membership => this.#membership;
    return {
      get membership() {
        return current();
      },
      subscribe: (listener) => {
        if (!open) return () => {};
        const end = this.#listen(listener);
        own.add(end);
        return () => {
          own.delete(end);
          end();
        };
      },
      ready: (signal) => this.#ready(service, () => open, own, signal),
      close,
    };
  }

  /** Ends every watch. The feed ignores whatever its source still reports. */
  close(): void {
    this.#closed = true;
    for (const close of this.#onClose) close();
  }

  #left(service: string): void {
    const others = (this.#watches.get(service) ?? 1) - 1;
    if (others > 0) this.#watches.set(service, others);
    else this.#watches.delete(service);
    if (this.#watches.size === 0 && !this.#closed) this.#options.onIdle?.();
  }

  #become(endpoints: readonly Endpoint[], freshness: Freshness, leftOut = this.#membership.leftOut ?? []): void {
    if (this.#closed) return;
    const { leftOut: before = [], ...known } = this.#membership;
    const changed = !sameEndpoints(known.endpoints, endpoints);
    this.#membership = {
      ...known,
      freshness,
      ...(changed ? { endpoints, version: known.version + 1 } : {}),
      ...(leftOut.length === 0 ? {} : { leftOut }),
    };
    if (known.freshness.kind !== freshness.kind) this.#reportFreshness(known.freshness, freshness);
    if (changed || !sameTrust(known.freshness, freshness) || leftOut.join() !== before.join()) this.#notify();
  }

  #reportFreshness(from: Freshness, to: Freshness): void {
    const error = "error" in to && to.error !== undefined ? { error: to.error } : {};
    for (const service of this.services) {
      this.#options.events?.emit("discovery.freshness", { service, from: from.kind, to: to.kind, ...error });
    }
  }

  #notify(): void {
    const membership = this.#membership;
    const round = ++this.#rounds;
    // The list is replaced on change, so that this round reaches those who listened when it began and still do.
    for (const listener of this.#listeners) {
      if (!this.#listeners.includes(listener)) continue;
      try {
        listener(membership);
      } catch (error) {
        // A listener's mistake is its owner's: it must neither stop the others nor end the watch.
        queueMicrotask(() => {
          throw error;
        });
      }
      if (this.#rounds !== round) return; // a listener caused a change, and that round has told everybody
    }
  }

  #listen(listener: Listener): () => void {
    // Wrapped, so that one function subscribed twice is two subscriptions.
    const entry: Listener = (membership) => listener(membership);
    this.#listeners = [...this.#listeners, entry];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== entry);
    };
  }

  #ready(
    service: string,
    isOpen: () => boolean,
    own: Set<() => void>,
    signal: AbortSignal | undefined,
  ): Promise<Membership> {
    const { promise, resolve, reject } = Promise.withResolvers<Membership>();
    if (signal?.aborted) reject(signal.reason);
    else if (!isOpen()) reject(this.#closedError(service));
    else if (this.#membership.freshness.kind !== "pending") resolve(this.#membership);
    else {
      const settle = (run: () => void): void => {
        own.delete(onClose);
        stop();
        signal?.removeEventListener("abort", onAbort);
        run();
      };
      const stop = this.#listen((membership) => {
        if (membership.freshness.kind !== "pending") settle(() => resolve(membership));
      });
      const onAbort = (): void => settle(() => reject(signal?.reason));
      const onClose = (): void => settle(() => reject(this.#closedError(service)));
      own.add(onClose);
      signal?.addEventListener("abort", onAbort, { once: true });
    }
    return promise;
  }

  #closedError(service: string): MeshError {
    const { source } = this.#options;
    return new MeshError("CLOSED", `the watch was closed before anything was learned (${source})`, { service });
  }
}

function afterFailure(before: Freshness, error: string, nowMs: number): Freshness {
  switch (before.kind) {
    case "pending":
      return { kind: "pending", error };
    case "live":
      return { kind: "stale", sinceMs: nowMs, error };
    case "stale":
      return { ...before, error };
    case "snapshot":
      return { ...before, error };
    default:
      return before satisfies never;
  }
}

/** The same endpoints with the same contents; their order is no matter of the registry's. */
function sameEndpoints(a: readonly Endpoint[], b: readonly Endpoint[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  const byId = new Map(a.map((endpoint) => [endpoint.id, endpoint]));
  return b.every((endpoint) => {
    const other = byId.get(endpoint.id);
    return other !== undefined && sameEndpoint(other, endpoint);
  });
}

function sameTrust(a: Freshness, b: Freshness): boolean {
  return a.kind === b.kind && ("error" in a ? a.error : undefined) === ("error" in b ? b.error : undefined);
}
