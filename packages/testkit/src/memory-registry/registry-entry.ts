import { type Endpoint, type Freshness, type Membership, sameEndpoint, type Watch } from "@weft/core";
import { MemoryWatch } from "./memory-watch.ts";

/** How the registry treats whoever asks it. */
export type Mode =
  | { readonly kind: "answers" }
  | { readonly kind: "stalls" }
  | { readonly kind: "fails"; readonly error: string };

/** One service: what is registered, what its watchers know of it, and who they are. */
export class RegistryEntry {
  registered: readonly Endpoint[];
  readonly #watches = new Set<MemoryWatch>();
  readonly #service: string;
  #membership: Membership;

  constructor(service: string, registered: readonly Endpoint[]) {
    this.#service = service;
    this.registered = registered;
    this.#membership = { endpoints: [], freshness: { kind: "pending" }, source: `memory ${service}`, version: 0 };
  }

  get watches(): number {
    return this.#watches.size;
  }

  ask(mode: Mode, nowMs: number): void {
    switch (mode.kind) {
      case "answers":
        this.#learn(this.registered, { kind: "live", atMs: nowMs });
        return;
      case "stalls":
        return;
      case "fails":
        this.#learn(this.#membership.endpoints, afterFailure(this.#membership.freshness, mode.error, nowMs));
        return;
      default:
        mode satisfies never;
    }
  }

  restore(endpoints: readonly Endpoint[], ageMs: number): void {
    const { freshness } = this.#membership;
    if (freshness.kind !== "pending") {
      throw new Error(
        `service ${this.#service} is ${freshness.kind}: restore() is for one that was never answered for`,
      );
    }
    const error = freshness.error === undefined ? {} : { error: freshness.error };
    this.#learn(endpoints, { kind: "snapshot", ageMs, ...error });
  }

  watch(): Watch {
    const watch = new MemoryWatch(this.#service, this.#membership, this.#watches);
    this.#watches.add(watch);
    return watch;
  }

  close(): void {
    for (const watch of this.#watches) watch.close();
  }

  #learn(endpoints: readonly Endpoint[], freshness: Freshness): void {
    const { endpoints: known, freshness: before, source, version } = this.#membership;
    const changed = !sameEndpoints(known, endpoints);
    // The first answer counts as a change, even an empty one.
    const first = before.kind === "pending" && freshness.kind !== "pending";
    this.#membership = { endpoints, freshness, source, version: changed || first ? version + 1 : version };
    const news = changed || freshness.kind !== before.kind || errorOf(freshness) !== errorOf(before);
    for (const watch of this.#watches) watch.update(this.#membership, news);
  }
}

function afterFailure(before: Freshness, error: string, nowMs: number): Freshness {
  switch (before.kind) {
    case "pending":
      return { kind: "pending", error };
    case "live":
      return { kind: "stale", sinceMs: nowMs, error };
    case "stale":
      return { kind: "stale", sinceMs: before.sinceMs, error };
    case "snapshot":
      return { kind: "snapshot", ageMs: before.ageMs, error };
    default:
      return before satisfies never;
  }
}

function errorOf(freshness: Freshness): string | undefined {
  return "error" in freshness ? freshness.error : undefined;
}

function sameEndpoints(a: readonly Endpoint[], b: readonly Endpoint[]): boolean {
  if (a.length !== b.length) return false;
  return a.every((one, i) => {
    const other = b[i];
    return other !== undefined && sameEndpoint(one, other);
  });
}
