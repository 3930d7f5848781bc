/** Waits for conditions that are looked at again each time somebody says that something has changed. No polling. */
export interface Changes {
  /** Something has changed. */
  tell(): void;
  /** Resolves once `holds()` does. */
  until(holds: () => boolean): Promise<void>;
}

export function changes(): Changes {
  const waiting = new Set<() => void>();
  return {
    tell() {
      for (const look of waiting) look();
    },
    until(holds) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const look = (): void => {
        if (!holds()) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
      return promise;
    },
  };
}
