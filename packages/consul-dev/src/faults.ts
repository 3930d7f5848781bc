/** What goes wrong with an answer. */
export type Fault =
  /** An error instead of the answer, such as 500 `No cluster leader` or 429. */
  | { readonly kind: "status"; readonly status: number; readonly body: string }
  /** A proxy's page: 200 and HTML. */
  | { readonly kind: "html" }
  /** 200, no instances, and KnownLeader false: nothing that may be believed. */
  | { readonly kind: "empty" }
  /** Half of the JSON, declared as all of it. */
  | { readonly kind: "truncated" }
  /** Half of the body, then the connection ends. */
  | { readonly kind: "cut" }
  /** The request is taken and never answered. */
  | { readonly kind: "hang" }
  /** The answer comes so much later. */
  | { readonly kind: "slow"; readonly ms: number };

/** Which requests a fault strikes. */
export interface FaultScope {
  /** Start of the path, such as `/v1/health/`. Default: every request. */
  readonly path?: string;
  /** How many requests, at least 1. Default: all until it is lifted. */
  readonly times?: number;
}

/** The faults in force. */
export interface FaultBook {
  /** @returns lifts the fault */
  use(fault: Fault, scope?: FaultScope): () => void;
  /** Lifts all. */
  clear(): void;
  /** The fault that strikes this request; counts it. */
  take(path: string): Fault | undefined;
}

/** Makes an empty book. Of several faults that fit, the one set last strikes. */
export function faultBook(): FaultBook {
  let entries: { readonly fault: Fault; readonly path: string; left: number }[] = [];
  return {
    use(fault, { path = "/", times = Number.POSITIVE_INFINITY } = {}) {
      const entry = { fault, path, left: times };
      entries.unshift(entry);
      return () => {
        entries = entries.filter((each) => each !== entry);
      };
    },
    clear() {
      entries = [];
    },
    take(path) {
      const entry = entries.find((each) => each.left > 0 && path.startsWith(each.path));
      if (entry !== undefined) entry.left--;
      return entry?.fault;
    },
  };
}
