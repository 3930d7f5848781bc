import type { EventJournal, FakeEndpoints, FakeTime, MemoryRegistry } from "@weft/testkit";
import type { Decision, Random } from "@weft/core";
import type { ServicePolicyInput } from "@weft/config";

/** One call as a story asks for it, in the terms of no home. */
export interface CallSpec {
  /** Default GET. */
  readonly method?: string;
  /** Default `/`. */
  readonly path?: string;
  /** Default `orders`. */
  readonly service?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** All at once. */
  readonly body?: string;
  /** Bit by bit, without a length: each piece is given to the home when it has taken the one before. */
  readonly stream?: readonly string[];
  /** The caller's own, in ms. */
  readonly deadlineMs?: number;
}

/** What a caller got: a status, `cut` when its answer broke off, or the code of the mesh's own refusal. */
export interface Told {
  readonly verdict: string;
  /** Which endpoint's answer it is; "" when it is none's. */
  readonly endpoint: string;
  readonly body: string;
  /** The cookies that it is to bring from now on. */
  readonly cookies: readonly string[];
}

/** Everything a home stands on. Two homes that are given the same must do the same. */
export interface HomeParts {
  readonly registry: MemoryRegistry;
  readonly time: FakeTime;
  readonly random: Random;
  readonly policy: ServicePolicyInput;
}

/** Where the core runs: in the caller's process, or next to it. */
export interface Home extends AsyncDisposable {
  readonly journal: EventJournal;
  /** @param onHead told when the caller has the head of an answer, before its body */
  call(spec: CallSpec, onHead: () => void): Promise<Told>;
  /** Other rules for `orders`, from now on. */
  configure(policy: ServicePolicyInput): Promise<void>;
  /** Takes an endpoint out by hand. */
  eject(id: string, forMs: number): Promise<void>;
  restore(id: string): Promise<void>;
  /** All decisions that are kept about `orders`, each with its age in the place of its instant. */
  decisions(): Promise<readonly Aged[]>;
}

/** A decision as the admin API shows it. */
export type Aged = Omit<Decision, "atMs"> & { readonly agoMs: number };

/** What a story acts on. */
export interface Stage {
  readonly home: Home;
  readonly endpoints: FakeEndpoints;
  readonly registry: MemoryRegistry;
  readonly told: Told[];
  /** Calls that run beside the story. */
  readonly aside: Promise<void>[];
  /** Resolves when the call that began last has the head of its answer. */
  head: Promise<void>;
  /** Resolves when it has ended. */
  over: Promise<void>;
  /** Moves the clock of the home and of its endpoints on. */
  advance(ms: number): Promise<void>;
}
