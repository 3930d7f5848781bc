/** Promises that wait for something to become true, checked whenever it may have. Nothing polls. */
export interface Waits {
  /**
   * Resolves once `holds()` is true; at once when it is.
   *
   * @param what the thing waited for, in words, for the error
   * @throws the signal's reason when it aborts first; the error of `end` when that comes first
   */
  until(what: string, holds: () => boolean, signal?: AbortSignal): Promise<void>;
  /** Tells that something changed: waits whose condition holds resolve. */
  check(): void;
  /** Rejects every wait, those to come too unless their condition holds already. */
  end(errorFor: (what: string) => Error): void;
}

interface Wait {
  readonly what: string;
  readonly holds: () => boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export function waits(): Waits {
  const open = new Set<Wait>();
  let ended: ((what: string) => Error) | undefined;

  return {
    async until(what, holds, signal) {
      if (holds()) return;
      signal?.throwIfAborted();
      if (ended !== undefined) throw ended(what);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const wait = { what, holds, resolve, reject };
      const onAbort = (): void => reject(signal?.reason);
      open.add(wait);
      signal?.addEventListener("abort", onAbort, { once: true });
      try {
        await promise;
      } finally {
        open.delete(wait);
        signal?.removeEventListener("abort", onAbort);
      }
    },
    check() {
      for (const wait of open) {
        if (!wait.holds()) continue;
        open.delete(wait); // a condition that held is not asked again
        wait.resolve();
      }
    },
    end(errorFor) {
      ended = errorFor;
      for (const wait of open) wait.reject(errorFor(wait.what));
    },
  };
}
