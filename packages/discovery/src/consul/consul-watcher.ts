import { hash } from "node:crypto";
import { parseRetryAfter } from "@weft/core";
import type { Events, Random, Time } from "@weft/core";
import type { Feed } from "../feed.ts";
import { words } from "../notice.ts";
import type { AgentCircuit } from "./agent-circuit.ts";
import type { AgentHttp, AgentResponse } from "./agent-http.ts";
import { NoAnswer } from "./agent-http.ts";
import { classify } from "./classify.ts";
import type { Trouble } from "./classify.ts";
import { Doubts } from "./doubts.ts";
import { FailurePace } from "./failure-pace.ts";
import { judge } from "./guards.ts";
import type { Held } from "./guards.ts";
import { readHealthAnswer } from "./health-answer.ts";
import type { HealthAnswer } from "./health-answer.ts";
import { nextIndex } from "./index-rule.ts";
import { pollPath } from "./query.ts";
import type { SocketBudget } from "./socket-budget.ts";
import { TokenBucket } from "./token-bucket.ts";
import type { TokenSource } from "./token-source.ts";
import { WaitRule } from "./wait-rule.ts";
import type { ConsulWatchStats } from "./watch-stats.ts";

/** What the servers may add to any answer: 5 s of network, and 7 s while they elect a leader (rpc_hold_timeout). */
const SLACK_MS = 12_000;
/** Interval of a watch without a connection of its own, in ms: 10 s and up to half as much more. */
const POLL_MS = 10_000;
const POLL_SPREAD_MS = 5_000;

export interface WatcherPorts {
  /** From `queryPath`. */
  readonly path: string;
  readonly wan: boolean;
  readonly waitMs: number;
  readonly maxStaleMs: number;
  readonly feed: Feed;
  readonly http: Pick<AgentHttp, "request">;
  readonly circuit: AgentCircuit;
  readonly budget: SocketBudget;
  readonly token: TokenSource;
  readonly time: Time;
  readonly random: Random;
  readonly events: Events | undefined;
  /** Told of each membership that Consul confirmed. */
  readonly onConfirmed: () => void;
  /** Told once that the token hides part of the answer. */
  readonly onNotice: (problem: string) => void;
}

/**
 * Follows one service in Consul by blocking queries, for as long as it is not closed.
 *
 * Trouble of any kind shows in the feed's freshness and ends in another try. Every wait runs on the injected time.
 */
export class ConsulWatcher {
  readonly #ports: WatcherPorts;
  readonly #bucket = new TokenBucket();
  readonly #wait: WaitRule;
  readonly #doubts: Doubts;
  readonly #pace: FailurePace;
  readonly #closed = new AbortController();
  readonly #ended: Promise<void>;

  /** 0n: ask for an answer at once, which is what is wanted first and after every failure. */
  #index = 0n;
  #backend: string | undefined;
  #bytes: string | undefined;
  #held: Held | undefined;
  #blocking: boolean;

  #requests = 0;
  #indexResets = 0;
  #sameAnswers = 0;
  #backoffMs = 0;
  #confirmedAtMs = Number.NEGATIVE_INFINITY;

  constructor(ports: WatcherPorts) {
    this.#ports = ports;
    this.#wait = new WaitRule(ports.waitMs);
    this.#doubts = new Doubts(ports);
    this.#pace = new FailurePace(ports.random);
    this.#blocking = ports.budget.take();
    this.#ended = this.#run();
  }

  stats(): ConsulWatchStats {
    return {
      sinceSuccessMs: this.#ports.time.nowMs() - this.#confirmedAtMs,
      requests: this.#requests,
      indexResets: this.#indexResets,
      answersHeld: this.#doubts.count,
      sameAnswers: this.#sameAnswers,
      failures: this.#pace.failures,
      backoffMs: Math.max(this.#backoffMs, this.#ports.circuit.pauseMs()),
      mode: this.#blocking ? "blocking" : "polling",
    };
  }

  /** Ends the running request and the loop. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closed;
    while (!signal.aborted) {
      try {
        await this.#pause(await this.#round());
      } catch (error) {
        // Only closing ends the watch. Anything else here is a mistake of ours, and must not stop discovery.
        if (!signal.aborted) await this.#pause(this.#failed(words(error))).catch(() => {});
      }
    }
    if (this.#blocking) this.#ports.budget.give();
  }

  /** Asks once. @returns ms to wait before the next round */
  async #round(): Promise<number> {
    const { circuit, feed, time } = this.#ports;
    const { signal } = this.#closed;
    const restMs = this.#bucket.take(time.nowMs());
    if (restMs > 0) await time.sleep(restMs, signal);
    if (circuit.problem !== undefined) feed.failed(circuit.problem);
    const leave = await circuit.enter(signal);
    try {
      return await this.#ask(signal);
    } finally {
      leave();
    }
  }

  async #ask(signal: AbortSignal): Promise<number> {
    const { http, path, maxStaleMs, time, circuit } = this.#ports;
    const waitMs = this.#wait.waitMs(time.nowMs());
    const consistent = this.#held?.confirmations === 0;
    const index = this.#held === undefined && this.#blocking ? this.#index : 0n;
    const deadlineMs = SLACK_MS + (index === 0n ? 0 : (waitMs * 17) / 16);
    const token = await this.#ports.token();
    const startMs = time.nowMs();
    this.#requests++;
    let response: AgentResponse;
    try {
      const poll = { index, waitMs, consistent, maxStaleMs };
      response = await http.request({ method: "GET", path: pollPath(path, poll), token, deadlineMs, signal });
    } catch (error) {
      signal.throwIfAborted();
      const nowMs = time.nowMs();
      if (error instanceof NoAnswer && error.cut && index !== 0n && this.#wait.cut(nowMs - startMs, nowMs)) return 0;
      const problem = words(error);
      circuit.unreachable(problem);
      this.#failed(problem);
      return 0; // the circuit makes this watch wait with all the others
    }
    circuit.reached();
    this.#wait.answered();
    if (response.status < 200 || response.status > 299) return this.#refused(await troubleOf(response));
    return this.#answered(response, index);
  }

  async #answered(response: AgentResponse, asked: bigint): Promise<number> {
    const bytes = hash("sha1", response.raw);
    if (bytes === this.#bytes && this.#held === undefined) {
      this.#sameAnswers++;
      this.#confirmed(response, asked);
      return this.#untilNext();
    }
    let answer: HealthAnswer;
    try {
      answer = readHealthAnswer(JSON.parse(await response.text()), { wan: this.#wantsWan(response) });
    } catch (error) {
      return this.#failed(`an answer that is not Consul's: ${words(error)}`);
    }
    this.#doubts.leftOut(answer.leftOut);
    return this.#judged(response, asked, answer, bytes);
  }

  #judged(response: AgentResponse, asked: bigint, answer: HealthAnswer, bytes: string): number {
    const { feed, time } = this.#ports;
    const filtered = response.header("x-consul-results-filtered-by-acls") === "true";
    this.#doubts.filtered(filtered && answer.endpoints.length > 0);
    const verdict = judge(
      feed.membership.endpoints,
      this.#held,
      {
        endpoints: answer.endpoints,
        knownLeader: response.header("x-consul-knownleader") !== "false",
        filtered,
      },
      time.nowMs(),
    );
    switch (verdict.kind) {
      case "believe": {
        this.#held = undefined;
        const { version } = feed.membership;
        feed.learned(answer.endpoints, answer.leftOut);
        if (feed.membership.version !== version) this.#bucket.changed(time.nowMs());
        this.#bytes = bytes;
        this.#confirmed(response, asked);
        return this.#untilNext();
      }
      case "ignore":
        this.#doubts.held(verdict.why);
        return this.#refused({ kind: verdict.because, problem: verdict.why });
      case "hold":
        if (this.#held === undefined) this.#doubts.held(verdict.why);
        this.#held = verdict.held;
        this.#bytes = undefined;
        feed.showed(verdict.endpoints);
        return verdict.againMs;
      default:
        return verdict satisfies never;
    }
  }

  /** The membership stands as the registry says. */
  #confirmed(response: AgentResponse, asked: bigint): void {
    const { feed, time, onConfirmed } = this.#ports;
    const backend = response.header("x-consul-query-backend");
    // The answer without an index always comes another way than the blocking ones: only those are compared.
    const flipped = asked !== 0n && this.#backend !== undefined && backend !== this.#backend;
    if (asked !== 0n) this.#backend = backend;
    const next = nextIndex(asked, response.header("x-consul-index"), flipped);
    this.#index = next.index;
    if (next.reset) this.#indexResets++;
    this.#pace.succeeded();
    this.#confirmedAtMs = time.nowMs();
    feed.confirmed(lastContactOf(response));
    onConfirmed();
  }

  /** A watch with its own connection asks again at once: the agent does the waiting. */
  #untilNext(): number {
    const { budget, random } = this.#ports;
    if (!this.#blocking) this.#blocking = budget.take();
    return this.#blocking ? 0 : POLL_MS + random.unit() * POLL_SPREAD_MS;
  }

  #refused(trouble: Trouble): number {
    const { budget, time } = this.#ports;
    if (trouble.kind === "limited" && trouble.connections && this.#blocking && budget.held > 1) {
      budget.shrink();
      budget.give();
      this.#blocking = false;
    }
    const { problem, atLeastMs } = this.#pace.remedy(trouble, time.nowMs());
    return this.#failed(problem, atLeastMs);
  }

  /** @returns ms to wait */
  #failed(problem: string, atLeastMs = 0): number {
    this.#index = 0n;
    this.#ports.feed.failed(problem);
    return this.#pace.failed(atLeastMs);
  }

  async #pause(ms: number): Promise<void> {
    if (ms <= 0) return;
    this.#backoffMs = this.#pace.failures > 0 ? ms : 0;
    try {
      await this.#ports.time.sleep(ms, this.#closed.signal);
    } finally {
      this.#backoffMs = 0;
    }
  }

  #wantsWan(response: AgentResponse): boolean {
    return this.#ports.wan && response.header("x-consul-translate-addresses") !== "true";
  }
}

/** In ms; undefined when the answer does not say. */
function lastContactOf(response: AgentResponse): number | undefined {
  const said = response.header("x-consul-lastcontact");
  return said !== undefined && /^\d{1,15}$/.test(said) ? Number(said) : undefined;
}

async function troubleOf(response: AgentResponse): Promise<Trouble> {
  const body = await response.text().catch(() => "");
  const retryAfter = response.header("retry-after");
  return classify(response.status, body, retryAfter === undefined ? 0 : parseRetryAfter(retryAfter, () => Date.now()));
}
