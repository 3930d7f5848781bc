import { backoffMs } from "@weft/core";
import type { Random } from "@weft/core";
import { REGISTRY_BACKOFF } from "./agent-circuit.ts";
import type { Trouble } from "./classify.ts";

/** A person must act: no hurry. */
const MISCONFIGURED_MS = 60_000;
/** Refusals in a row before the token itself is blamed, how long they must last, and how often it is then tried. */
const FORBIDDEN_TIMES = 5;
const FORBIDDEN_MS = 30_000;
/** How much longer a fixed pause may be drawn, so that those who began together part. */
const JITTER_RATIO = 0.1;

/** What to say of a failure, and what it asks for. */
export interface Remedy {
  readonly problem: string;
  /** 0: no more than the usual pause. */
  readonly atLeastMs: number;
}

/** How long one watch waits after a failure: the longer the more of them came in a row, and by what it was. */
export class FailurePace {
  readonly #random: Random;
  #failures = 0;
  #refusals = 0;
  #refusedSinceMs = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#refusals = 0;
  }

  /** Counts a failure. @returns ms to wait: at least `atLeastMs`, and more by chance */
  failed(atLeastMs: number): number {
    this.#failures++;
    const fixedMs = atLeastMs * (1 + JITTER_RATIO * this.#random.unit());
    return Math.max(fixedMs, backoffMs(this.#failures, REGISTRY_BACKOFF, this.#random));
  }

  /**
   * A lagging follower refuses a good token for a moment (hashicorp/consul#23732), so a token is blamed only after
   * five refusals over 30 s, and from then on tried every 30 s.
   */
  remedy(trouble: Trouble, nowMs: number): Remedy {
    const { kind, problem } = trouble;
    switch (kind) {
      case "unreachable":
      case "no-servers":
        return { problem, atLeastMs: 0 };
      case "forbidden": {
        if (this.#refusals++ === 0) this.#refusedSinceMs = nowMs;
        const lasting = this.#refusals >= FORBIDDEN_TIMES && nowMs - this.#refusedSinceMs >= FORBIDDEN_MS;
        if (!lasting) return { problem, atLeastMs: 0 };
        return { problem: `the token may not read this service: ${problem}`, atLeastMs: FORBIDDEN_MS };
      }
      case "filtered":
        return { problem, atLeastMs: FORBIDDEN_MS };
      case "limited":
        return { problem, atLeastMs: trouble.atLeastMs };
      case "misconfigured":
        return { problem, atLeastMs: MISCONFIGURED_MS };
      default:
        return kind satisfies never;
    }
  }
}
