import { backoffMs, MeshError } from "@weft/core";
import type { Random, Time } from "@weft/core";
import { REGISTRY_BACKOFF } from "../consul/agent-circuit.ts";
import { TokenBucket } from "../consul/token-bucket.ts";
import { words } from "../notice.ts";
import { AgentRefusal } from "./agent-api.ts";
import type { AgentApi, CheckStatus } from "./agent-api.ts";
import { checkId, DEFAULT_CHECK, serviceDefinition, serviceId } from "./service-definition.ts";
import type { ServiceDescription } from "./service-definition.ts";

export interface ReconcilerPorts {
  readonly api: AgentApi;
  readonly time: Time;
  readonly random: Random;
  readonly notice: (problem: string) => void;
}

/** Three beats in each TTL: two may be lost. */
const BEATS = 3;
/** Agents forgotten together must not be told together. */
const AGAIN_MS = 1_000;
const WAIT_MS = 55_000;
/** An agent that reloads denies its services for a moment. Source: hashicorp/consul#4597. */
const DENIALS = 3;
const DENIAL_PAUSE_MS = 5_000;
const FAREWELLS = 3;

/**
 * Makes Consul agree that this service exists and is well, whatever happens to the agent.
 *
 * Two loops: one beats the TTL check, one reads the registration back (a blocking read, which costs nothing). Either
 * may find that the agent has forgotten the service; then it is registered again.
 */
export class Reconciler {
  readonly #description: ServiceDescription;
  readonly #ports: ReconcilerPorts;
  readonly #id: string;
  readonly #closed = new AbortController();
  readonly #registered = Promise.withResolvers<void>();
  readonly #loops: Promise<unknown>;
  /** The registration that is under way, so that both loops share one. */
  #registering: Promise<void> | undefined;
  #tried = false;
  #accepted = false;
  #status: CheckStatus = "passing";
  #note = "";
  /** Problems are told when they change, not with every try. */
  #problem = "";

  constructor(description: ServiceDescription, ports: ReconcilerPorts) {
    this.#description = description;
    this.#ports = ports;
    this.#id = serviceId(description);
    this.#registered.promise.catch(() => {}); // whoever asks `ready` hears of it; nobody need ask
    const { check = DEFAULT_CHECK } = description;
    this.#loops = this.#register(0).then(() =>
      Promise.all([this.#verify(), "ttlMs" in check ? this.#beat(check.ttlMs) : undefined]),
    );
  }

  async ready(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (signal === undefined) return this.#registered.promise;
    const { promise, reject } = Promise.withResolvers<never>();
    const onAbort = (): void => reject(this.#late(signal.reason));
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await Promise.race([this.#registered.promise, promise]);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** A timeout's own words say neither who was waited for nor why it did not come. */
  #late(reason: unknown): unknown {
    if (!(reason instanceof DOMException && reason.name === "TimeoutError")) return reason;
    const why = this.#problem === "" ? "Consul has not answered" : this.#problem;
    const problem = `registration of ${this.#id}: ${why}; see whether Consul runs there: it is asked again until closed`;
    return new MeshError("NOT_READY", problem, { service: this.#description.name, cause: reason });
  }

  report(status: CheckStatus, note: string): void {
    this.#status = status;
    this.#note = note;
  }

  async close(drainMs: number): Promise<void> {
    const { name } = this.#description;
    this.#closed.abort();
    this.#registered.reject(
      new MeshError("CLOSED", "the registration was closed before Consul took it", { service: name }),
    );
    await this.#loops;
    if (!this.#tried) return;
    if (drainMs > 0) {
      await this.#farewell("maintenance", () =>
        this.#ports.api.maintenance(this.#id, true, "draining before it stops"),
      );
      await this.#ports.time.sleep(drainMs);
    }
    await this.#farewell("deregistration", () => this.#ports.api.deregister(this.#id));
  }

  /** Registers, however long it takes. Resolves as well when the registration is closed first. */
  #register(jitterMs: number): Promise<void> {
    this.#registering ??= this.#registerNow(jitterMs).finally(() => (this.#registering = undefined));
    return this.#registering;
  }

  async #registerNow(jitterMs: number): Promise<void> {
    const { api, random } = this.#ports;
    const { signal } = this.#closed;
    await this.#sleep(random.unit() * jitterMs);
    for (let failures = 0; !signal.aborted;) {
      try {
        this.#tried = true;
        await api.register(serviceDefinition(this.#description), signal);
        // One that died while it drained left its successor of the same id in maintenance.
        if (!this.#accepted) await api.maintenance(this.#id, false, "");
        this.#accepted = true;
        this.#solved();
        this.#registered.resolve();
        return;
      } catch (error) {
        if (signal.aborted) return;
        this.#tell(`not registered: ${words(error)}`);
        await this.#sleep(backoffMs(++failures, REGISTRY_BACKOFF, random));
      }
    }
  }

  async #beat(ttlMs: number): Promise<void> {
    const { api, time } = this.#ports;
    const { signal } = this.#closed;
    const everyMs = Math.max(1_000, ttlMs / BEATS);
    for (let dueMs = time.nowMs() + everyMs; !signal.aborted; dueMs += everyMs) {
      dueMs = Math.max(dueMs, time.nowMs());
      await this.#sleep(dueMs - time.nowMs());
      if (signal.aborted) return;
      const lateMs = time.nowMs() - dueMs;
      if (lateMs > ttlMs / 2) {
        this.#ports.notice(`the event loop held back a beat by ${Math.round(lateMs)} ms, of a TTL of ${ttlMs} ms`);
      }
      try {
        await api.report(checkId(this.#id), this.#status, this.#note);
        this.#solved();
      } catch (error) {
        if (signal.aborted) return;
        if (isForgotten(error)) await this.#register(AGAIN_MS);
        else this.#tell(`beat not taken: ${words(error)}`);
      }
    }
  }

  async #verify(): Promise<void> {
    const { api, random, time } = this.#ports;
    const { signal } = this.#closed;
    const bucket = new TokenBucket();
    let hash = "";
    let denials = 0;
    for (let failures = 0; !signal.aborted;) {
      await this.#sleep(bucket.take(time.nowMs()));
      try {
        const seen = await api.changed(this.#id, hash, WAIT_MS, signal);
        failures = 0;
        if (seen !== "gone") {
          denials = 0;
          // An agent that sends no hash cannot block: look again at the pace of a blocking read.
          if (seen.hash === "") await this.#sleep(WAIT_MS);
          hash = seen.hash;
          continue;
        }
        hash = "";
        if (++denials < DENIALS) await this.#sleep(DENIAL_PAUSE_MS);
        else {
          denials = 0;
          await this.#register(AGAIN_MS);
        }
      } catch (error) {
        if (signal.aborted) return;
        hash = "";
        this.#tell(`not verified: ${words(error)}`);
        await this.#sleep(backoffMs(++failures, REGISTRY_BACKOFF, random));
      }
    }
  }

  async #farewell(what: string, say: () => Promise<void>): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await say();
      } catch (error) {
        if (error instanceof AgentRefusal && error.status === 404) return; // unknown already: nothing to say goodbye to
        if (tries === FAREWELLS) return this.#ports.notice(`${what} of ${this.#id} failed: ${words(error)}`);
        await this.#ports.time.sleep(backoffMs(tries, REGISTRY_BACKOFF, this.#ports.random));
      }
    }
  }

  /** Ends early, without an error, when the registration is closed. */
  async #sleep(ms: number): Promise<void> {
    if (ms > 0) await this.#ports.time.sleep(ms, this.#closed.signal).catch(() => {});
  }

  #tell(problem: string): void {
    if (problem !== this.#problem) this.#ports.notice(problem);
    this.#problem = problem;
  }

  #solved(): void {
    this.#problem = "";
  }
}

/** 404 says so; Consul before 1.11 answers 500 and names the check. */
function isForgotten(error: unknown): boolean {
  if (!(error instanceof AgentRefusal)) return false;
  return (
    error.status === 404 || (error.status === 500 && /does not have associated TTL|unknown check/i.test(error.message))
  );
}
