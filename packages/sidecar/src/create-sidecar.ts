import { type Policy, problemLine } from "@weft/config";
import { MeshError, type Watch } from "@weft/core";
import { systemTime } from "@weft/discovery";
import { coalesceTurns } from "@weft/http";
import { type AccessLog, openAccessLog } from "./access-log/access-log.ts";
import type { Readiness } from "./admin/admin-view.ts";
import { sidecarView, viewOf } from "./admin/sidecar-view.ts";
import { type AppRegistration, registerApp } from "./consul/app-registration.ts";
import { shutDown } from "./consul/shut-down.ts";
import { ListenerSet } from "./listener/listener-set.ts";
import { portOf } from "./listener/listeners.ts";
import { type ProcessStats, processMeter } from "./metrics/process-meter.ts";
import { prometheusText } from "./metrics/prometheus-text.ts";
import type { MetricsState } from "./metrics/shown.ts";
import { listenerPlans } from "./reload/listener-plans.ts";
import { policyChanges } from "./reload/policy-changes.ts";
import type { DrainReport, ReloadReport, Sidecar, SidecarListener } from "./sidecar.ts";
import type { SidecarOptions } from "./sidecar-options.ts";
import { type SidecarParts, sidecarParts } from "./sidecar-parts.ts";
import { tlsChanges } from "./tls/tls-changes.ts";
import { loadTlsInForce, type TlsInForce } from "./tls/tls-in-force.ts";

/**
 * Starts a sidecar: opens its listeners, and watches the services that its policy lists.
 *
 * @throws MeshError BAD_CONFIG when a listener cannot be opened, or the policy asks for what is not there; then nothing
 *   is left open
 */
export async function createSidecar(options: SidecarOptions): Promise<Sidecar> {
  const sidecar = new RunningSidecar(options);
  try {
    await sidecar.start();
  } catch (error) {
    await sidecar.close();
    throw error;
  }
  return sidecar;
}

/**
 * A sidecar from its start to its end.
 *
 *   starting --(every listed service has endpoints, or news of them)--> running --drain--> draining --> closed
 */
class RunningSidecar implements Sidecar {
  readonly #options: SidecarOptions;
  readonly #parts: SidecarParts;
  readonly #listeners: ListenerSet;
  readonly #meter: ReturnType<typeof processMeter> = processMeter();
  readonly #isReady: PromiseWithResolvers<void> = Promise.withResolvers();
  #policy: Policy;
  #tls: TlsInForce | undefined = undefined;
  #sinceEpochMs = Date.now();
  #registration: AppRegistration | undefined = undefined;
  #state: "starting" | "running" | "draining" | "closed" = "starting";
  readonly #ending: PromiseWithResolvers<void> = Promise.withResolvers();
  #leaving: Promise<void> | undefined = undefined;
  #draining: Promise<DrainReport> | undefined = undefined;
  #closing: Promise<void> | undefined = undefined;

  constructor(options: SidecarOptions) {
    if (options.policy.sidecar === undefined) throw new MeshError("BAD_CONFIG", "sidecar: the policy has no such part");
    if (mayCoalesce(options)) coalesceTurns(systemTime);
    this.#options = options;
    this.#policy = options.policy;
    this.#parts = sidecarParts(
      options,
      () => this.#policy,
      (service) => this.#tls?.service(service),
      (process) => this.#measured(process),
    );
    const view = sidecarView({
      services: this.#parts.services,
      observer: this.#parts.observer,
      time: this.#parts.time,
      readiness: () => this.#readiness(),
      config: () => ({
        policy: this.#policy,
        file: options.config?.file,
        sinceEpochMs: this.#sinceEpochMs,
        refused: options.config?.refused(),
      }),
      metrics: () => prometheusText(this.#measured(this.#meter.read())),
      drain: () => void this.drain(),
    });
    this.#listeners = new ListenerSet(this.#parts.ports, view);
    this.#isReady.promise.catch(() => {}); // who does not wait for it need not hear of its end
  }

  get ready(): Promise<void> {
    return this.#isReady.promise;
  }

  get ending(): Promise<void> {
    return this.#ending.promise;
  }

  get listeners(): readonly SidecarListener[] {
    return this.#listeners.shown;
  }

  async start(): Promise<void> {
    const policy = this.#policy;
    const tls = await this.#loadTls(policy);
    this.#tls = tls;
    this.#parts.observer.log = await this.#openLog(policy);
    (await this.#parts.telemetry.prepare(policy)).commit();
    for (const name of policy.services.keys()) this.#parts.services.of(name);
    await this.#listeners.open(listenerPlans(policy), tls.listener);
    this.#register(policy);
    void this.#becomeReady();
  }

  async reload(policy: Policy): Promise<ReloadReport> {
    if (this.#state === "draining" || this.#state === "closed") throw closing();
    const before = this.#policy;
    const changes = policyChanges(before, policy);
    const { observer, services } = this.#parts;
    const [oldTls, tls] = [this.#tls, await this.#loadTls(policy)];
    const log = changes.accessLog ? await this.#openLog(policy) : observer.log;
    const graceMs = before.sidecar?.drain.graceMs ?? 0;
    let telemetry: Awaited<ReturnType<SidecarParts["telemetry"]["prepare"]>> | undefined;
    try {
      telemetry = await this.#parts.telemetry.prepare(policy);
      await this.#listeners.change(changes.listeners, listenerPlans(policy), tls.listener, graceMs);
      this.#tls = tls;
      services.replace(policy);
    } catch (error) {
      this.#tls = oldTls;
      telemetry?.abandon();
      if (log !== observer.log) await log?.close();
      throw error;
    }
    const oldLog = observer.log;
    observer.log = log;
    telemetry.commit();
    this.#policy = policy;
    this.#sinceEpochMs = Date.now();
    for (const name of policy.services.keys()) services.of(name);
    if (oldLog !== log) await oldLog?.close();
    if (changes.register) {
      await this.#registration?.leave(0);
      this.#register(policy);
    }
    const renewed = oldTls === undefined ? [] : tlsChanges(oldTls.loaded, tls.loaded);
    return { changes: [...changes.words, ...renewed] };
  }

  async reopenLog(): Promise<void> {
    await this.#parts.observer.log?.reopen();
  }

  leave(): Promise<void> {
    return (this.#leaving ??= this.#leave());
  }

  drain(options: { readonly graceMs?: number } = {}): Promise<DrainReport> {
    return (this.#draining ??= this.#drain(options.graceMs ?? this.#policy.sidecar?.drain.graceMs ?? 0));
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #leave(): Promise<void> {
    if (this.#state !== "closed") this.#state = "draining";
    await this.#registration?.leave(this.#policy.sidecar?.drain.propagationMs ?? 0);
  }

  async #drain(graceMs: number): Promise<DrainReport> {
    this.#ending.resolve();
    const parts = {
      leave: () => this.leave(),
      towardsApp: this.#listeners.drainable("towards the app"),
      fromApp: this.#listeners.drainable("from the app"),
      close: () => this.close(),
    };
    return shutDown(parts, graceMs, this.#parts.time);
  }

  async #close(): Promise<void> {
    this.#state = "closed";
    this.#ending.resolve();
    this.#isReady.reject(closing());
    const { services, observer, telemetry, timeouts } = this.#parts;
    await Promise.all([this.#listeners.close(), this.#registration?.leave(0)]);
    await telemetry.close(); // before the services: the last numbers that it sends are theirs
    await services.close(0);
    observer.counters.close();
    timeouts.close();
    this.#meter.close();
    await observer.log?.close();
  }

  /** Something is known of every service that the policy lists. An empty answer counts: it may stay so. */
  async #becomeReady(): Promise<void> {
    const { services } = this.#parts;
    const waits = [...this.#policy.services.keys()].map((name) => services.of(name).runtime.watch.ready());
    await Promise.allSettled(waits);
    if (this.#state !== "starting") return;
    this.#state = "running";
    this.#isReady.resolve();
  }

  #readiness(): Readiness {
    if (this.#state === "draining" || this.#state === "closed") return { kind: "draining" };
    if (this.#state === "running") return { kind: "ready" };
    const waiting = [...this.#parts.services.inUse]
      .filter(([, { runtime }]) => runtime.freshness.kind === "pending")
      .map(([name, { runtime }]) => `service ${name}: ${waitedFor(runtime.watch)}`);
    return { kind: "starting", reasons: waiting.length === 0 ? ["the listeners are being opened"] : waiting };
  }

  #measured(process: ProcessStats): MetricsState {
    const { observer, services, telemetry } = this.#parts;
    return {
      counters: observer.counters,
      services: [...services.inUse.values()].map(viewOf),
      readiness: this.#readiness(),
      logLinesDropped: observer.log?.linesDropped,
      process,
      spans: telemetry.spans,
      pending: (name) => services.inUse.get(name)?.pools.pending,
    };
  }

  #register(policy: Policy): void {
    const { register, inbound } = policy.sidecar ?? {};
    const { time, random, services } = this.#parts;
    this.#registration = undefined;
    if (register === undefined) return services.registeredAs(undefined);
    const address = this.#listeners.addressOf("inbound");
    this.#registration = registerApp(register, {
      consul: policy.discovery.consul,
      app: inbound?.app,
      inboundPort: address === undefined ? undefined : portOf(address),
      time,
      random,
      log: this.#options.log ?? (() => {}),
      onRegistered: (id) => services.registeredAs({ service: register.name, id }),
    });
  }

  /** @throws PolicyError for certificates that are missing or do not fit */
  async #loadTls(policy: Policy): Promise<TlsInForce> {
    const tls = await loadTlsInForce(policy);
    for (const warning of tls.loaded.warnings) this.#options.log?.({ level: "warn", text: problemLine(warning) });
    return tls;
  }

  async #openLog(policy: Policy): Promise<AccessLog | undefined> {
    const { format, to } = policy.telemetry.accessLog;
    if (format === "off") return undefined;
    return openAccessLog({
      format,
      to: this.#options.accessLogTo ?? to,
      timer: this.#parts.time,
      told: this.#options.log ?? (() => {}),
    });
  }
}

/** In words: which registry, and what it said last in the place of an answer. */
function waitedFor({ membership: { source, freshness } }: Watch): string {
  const said = freshness.kind === "pending" && freshness.error !== undefined ? `: ${freshness.error}` : "";
  return `${source} has not answered yet${said}`;
}

function closing(): MeshError {
  return new MeshError("CLOSED", "the sidecar is closing");
}

/** See `coalesceTurns`. */
function mayCoalesce({ coalesce, time }: SidecarOptions): boolean {
  return coalesce === true && time === undefined && process.platform === "linux";
}
