import type { Policy } from "@weft/config";
import type { Decision, ServiceStats } from "@weft/core";
import type { CallLog } from "@weft/runtime";
import type { CountedService } from "../metrics/counters.ts";

/** What the admin API shows and does. The sidecar implements it; nothing here waits. */
export interface AdminView {
  /** When the sidecar was made, wall clock. */
  readonly sinceEpochMs: number;
  readiness(): Readiness;
  /** Those known now: named in the policy, or in use. */
  services(): readonly ServiceView[];
  /** Undefined when there is none of that name. */
  service(name: string): ServiceView | undefined;
  /** What was counted of it since the sidecar was made. Undefined: nothing yet. */
  counted(name: string): CountedService | undefined;
  /** The decisions kept about a service's calls, or about one of them, oldest first. Undefined: no such service. */
  decisions(service: string, call?: number): readonly Decision[] | undefined;
  /** The calls that ended last, over all services. */
  readonly calls: CallLog;
  /** The policy clock, on which calls and decisions have their instants. */
  nowMs(): number;
  /** The wall clock. */
  epochMs(): number;
  config(): ConfigView;
  /** In the text format of Prometheus. */
  metrics(): string;
  /** @param forMs > 0; Infinity until `restore` */
  eject(service: string, endpoint: string, forMs: number): ActionResult;
  restore(service: string, endpoint: string): ActionResult;
  /** Starts to leave: no longer ready, no new work, then the end. Again does nothing. */
  drain(): void;
}

/** Whether the process should be sent traffic. */
export type Readiness =
  | { readonly kind: "ready" }
  /** `reasons`: what is waited for, in words, at least one. */
  | { readonly kind: "starting"; readonly reasons: readonly string[] }
  | { readonly kind: "draining" };

export type ActionResult = "done" | "no-such-service" | "no-such-endpoint";

/** One service as it stands. Instants are on the policy clock, `atMs` is now. */
export interface ServiceView extends ServiceStats {
  /** Where its endpoints come from, for people: `consul orders at http://127.0.0.1:8500`. */
  readonly source: string;
}

/** The policy in force. */
export interface ConfigView {
  readonly policy: Policy;
  /** Undefined: it came from the command line. */
  readonly file: string | undefined;
  /** When it was put in force, wall clock. */
  readonly sinceEpochMs: number;
  /** Why the newest file was not taken, in words, a line for each mistake; undefined when it was. */
  readonly refused: string | undefined;
}
