import { randomUUID } from "node:crypto";
import type { Time } from "../time.ts";
import type { Kv } from "./kv.ts";
import type { Ledger } from "./ledger.ts";

/** A session as the API shows it; `LockDelay` in nanoseconds. */
export interface SessionRow {
  readonly ID: string;
  readonly Name: string;
  readonly Node: string;
  readonly LockDelay: number;
  readonly Behavior: "release" | "delete";
  readonly TTL: string;
  readonly NodeChecks: readonly string[];
  readonly ServiceChecks: null;
  readonly CreateIndex: number;
  readonly ModifyIndex: number;
}

/** Whoever holds locks. A session with a TTL ends when it was not renewed for twice as long, as Consul's does. */
export class Sessions {
  readonly #ledger: Ledger;
  readonly #kv: Kv;
  readonly #time: Time;
  readonly #rows = new Map<string, { readonly row: SessionRow; readonly ttlMs: number }>();
  readonly #timers = new Map<string, () => void>();

  constructor(ledger: Ledger, kv: Kv, time: Time) {
    this.#ledger = ledger;
    this.#kv = kv;
    this.#time = time;
  }

  list(): SessionRow[] {
    return [...this.#rows.values()].map(({ row }) => row);
  }

  get(id: string): SessionRow | undefined {
    return this.#rows.get(id)?.row;
  }

  create(
    spec: Pick<SessionRow, "Name" | "Node" | "LockDelay" | "Behavior" | "TTL" | "NodeChecks">,
    ttlMs: number,
  ): string {
    const id = randomUUID();
    const at = this.#ledger.next;
    const row: SessionRow = { ID: id, ...spec, ServiceChecks: null, CreateIndex: at, ModifyIndex: at };
    this.#rows.set(id, { row, ttlMs });
    this.#ledger.commit(["sessions"]);
    this.renew(id);
    return id;
  }

  renew(id: string): SessionRow | undefined {
    const found = this.#rows.get(id);
    if (found === undefined) return undefined;
    this.#timers.get(id)?.();
    if (found.ttlMs > 0)
      this.#timers.set(
        id,
        this.#time.after(2 * found.ttlMs, () => this.destroy(id)),
      );
    return found.row;
  }

  destroy(id: string): void {
    const found = this.#rows.get(id);
    if (found === undefined) return;
    this.#timers.get(id)?.();
    this.#timers.delete(id);
    this.#rows.delete(id);
    this.#ledger.commit(["sessions"]);
    this.#kv.endSession(id, found.row.Behavior);
  }

  close(): void {
    for (const cancel of this.#timers.values()) cancel();
  }
}
