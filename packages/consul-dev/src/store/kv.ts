import type { Ledger } from "./ledger.ts";

/** One key of the KV store. `Value` in base64, null when empty. */
export interface KvRow {
  readonly LockIndex: number;
  readonly Key: string;
  readonly Flags: number;
  readonly Value: string | null;
  readonly Session?: string;
  readonly CreateIndex: number;
  readonly ModifyIndex: number;
}

/** A write, with the condition under which it happens. */
export interface KvWrite {
  readonly value: string | null;
  readonly flags: number;
  readonly when:
    | { readonly kind: "always" }
    | { readonly kind: "cas"; readonly index: number }
    | { readonly kind: "acquire" | "release"; readonly session: string };
}

/** Keys and values, locked by sessions. Source: Consul agent/consul/state/kvs.go. */
export class Kv {
  readonly #ledger: Ledger;
  readonly #rows = new Map<string, KvRow>();
  readonly #graves = new Map<string, number>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  get(key: string): KvRow | undefined {
    return this.#rows.get(key);
  }

  under(prefix: string): KvRow[] {
    return [...this.#rows.values()]
      .filter((row) => row.Key.startsWith(prefix))
      .toSorted((a, b) => (a.Key < b.Key ? -1 : 1));
  }

  /** Index of one key: that of its row; of a key that is not there, that of the whole store. */
  keyIndex(key: string): number {
    return this.#rows.get(key)?.ModifyIndex ?? this.#ledger.at("kv");
  }

  /** Index of a prefix: of its newest row or deletion; of an empty one, that of the whole store. */
  prefixIndex(prefix: string): number {
    let index = 0;
    for (const row of this.under(prefix)) index = Math.max(index, row.ModifyIndex);
    for (const [key, at] of this.#graves) if (key.startsWith(prefix)) index = Math.max(index, at);
    return index || this.#ledger.at("kv");
  }

  /** @returns false when the condition did not hold, and nothing was written */
  put(key: string, write: KvWrite): boolean {
    const old = this.#rows.get(key);
    const { when } = write;
    if (when.kind === "cas" && when.index !== (old?.ModifyIndex ?? 0)) return false;
    if (when.kind === "acquire" && old?.Session !== undefined && old.Session !== when.session) return false;
    if (when.kind === "release" && (old === undefined || old.Session !== when.session)) return false;
    const session = when.kind === "acquire" ? when.session : when.kind === "release" ? undefined : old?.Session;
    const taken = when.kind === "acquire" && old?.Session === undefined;
    this.#rows.set(key, {
      LockIndex: (old?.LockIndex ?? 0) + (taken ? 1 : 0),
      Key: key,
      Flags: write.flags,
      Value: write.value,
      ...(session === undefined ? {} : { Session: session }),
      CreateIndex: old?.CreateIndex ?? this.#ledger.next,
      ModifyIndex: this.#ledger.next,
    });
    this.#ledger.commit(["kv"]);
    return true;
  }

  /** @returns false when `casIndex` is given and is not the row's */
  delete(key: string, casIndex?: number): boolean {
    const old = this.#rows.get(key);
    if (casIndex !== undefined && casIndex !== (old?.ModifyIndex ?? 0)) return false;
    if (old !== undefined) this.#bury([key]);
    return true;
  }

  deleteUnder(prefix: string): void {
    const keys = this.under(prefix).map((row) => row.Key);
    if (keys.length > 0) this.#bury(keys);
  }

  /** Gives up what a session held: its keys are unlocked, or removed when it said so. */
  endSession(session: string, behaviour: "release" | "delete"): void {
    for (const row of this.under("")) {
      if (row.Session !== session) continue;
      if (behaviour === "delete") this.delete(row.Key);
      else this.put(row.Key, { value: row.Value, flags: row.Flags, when: { kind: "release", session } });
    }
  }

  #bury(keys: readonly string[]): void {
    for (const key of keys) {
      this.#rows.delete(key);
      this.#graves.set(key, this.#ledger.next);
    }
    this.#ledger.commit(["kv"]);
  }
}
