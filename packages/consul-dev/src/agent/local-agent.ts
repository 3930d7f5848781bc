import { type CheckRunner, checkRunner } from "../checks/check-runner.ts";
import type { Finding } from "../checks/run-probe.ts";
import type { Catalog } from "../store/catalog.ts";
import type { CheckRow, ServiceRow, ServiceSpec, Status } from "../store/rows.ts";
import type { Random, Time } from "../time.ts";
import type { CheckDefinition } from "./check-definition.ts";
import { HeldOutputs } from "./held-outputs.ts";
import { judgeAlias } from "./judge-alias.ts";
import { maintenanceCheck, maintenanceId } from "./maintenance-check.ts";
import { Reaper } from "./reaper.ts";
import { refusals } from "./refusals.ts";
import type { ServiceRegistration } from "./service-definition.ts";
import { freeSidecarPort, sidecarId } from "./sidecar-service.ts";

/**
 * What one agent keeps of its own: services it registered, checks it runs. The catalog follows at once, but for an
 * output that comes without a change of status.
 */
export class LocalAgent {
  readonly #node: string;
  readonly #catalog: Catalog;
  readonly #time: Time;
  readonly #random: Random;
  readonly #modern: boolean;
  readonly #services = new Map<string, ServiceSpec>();
  readonly #runners = new Map<string, CheckRunner>();
  /** Ids of those that came with a service, and go with it. */
  readonly #sidecars = new Set<string>();
  readonly #held: HeldOutputs;
  readonly #reaper: Reaper;
  /** Reports to TTL checks, as they lie on an agent's disk until their TTL is over. */
  readonly #reports = new Map<string, { readonly status: Status; readonly output: string; readonly untilMs: number }>();

  constructor(node: string, catalog: Catalog, time: Time, random: Random, modern: boolean) {
    this.#node = node;
    this.#catalog = catalog;
    this.#time = time;
    this.#random = random;
    this.#modern = modern;
    this.#held = new HeldOutputs(time, random);
    const definition = (id: string): CheckDefinition | undefined => this.#runners.get(id)?.definition;
    this.#reaper = new Reaper(time, definition, (serviceId) => {
      if (this.#services.has(serviceId)) this.deregister(serviceId);
    });
  }

  services(): ServiceRow[] {
    return this.#catalog.services((row) => row.Node === this.#node && this.#services.has(row.ID));
  }

  checks(): CheckRow[] {
    return this.#catalog
      .checks((row) => row.Node === this.#node && row.CheckID !== "serfHealth")
      .map((row) => ({ ...row, Output: this.#held.of(row.CheckID) ?? row.Output }));
  }

  register({ service, checks, sidecar }: ServiceRegistration, replaceChecks: boolean): void {
    this.#services.set(service.ID, service);
    this.#catalog.putService(this.#node, service);
    if (replaceChecks) {
      const kept = new Set(checks.map(({ id }) => id));
      for (const row of this.checks())
        if (row.ServiceID === service.ID && !kept.has(row.CheckID)) this.#drop(row.CheckID);
    }
    for (const check of checks) this.addCheck(check);
    this.#followAliases();
    if (sidecar === undefined) return;
    this.#sidecars.add(sidecar.service.ID);
    this.register(sidecar, replaceChecks);
  }

  /** A port for the sidecar of a service: the one it has, or the lowest that none has. @throws ApiError 400 */
  sidecarPort(serviceId: string): number {
    const old = this.#services.get(sidecarId(serviceId))?.Port;
    if (old !== undefined) return old;
    return freeSidecarPort(this.#services.values());
  }

  /** @throws ApiError 404 when it is not there and the profile reports that */
  deregister(id: string): void {
    if (!this.#services.delete(id)) {
      if (this.#modern) throw refusals.deregistering(id);
      return;
    }
    for (const row of this.checks()) if (row.ServiceID === id) this.#drop(row.CheckID);
    this.#catalog.dropService(this.#node, id);
    this.#followAliases();
    this.#sidecars.delete(id);
    if (this.#sidecars.has(sidecarId(id))) this.deregister(sidecarId(id));
  }

  /** A check registered again keeps its status. @throws ApiError 500 when its service is unknown */
  addCheck(check: CheckDefinition): void {
    if (check.serviceId !== "" && !this.#services.has(check.serviceId)) throw refusals.checkOf(check.serviceId);
    const old = this.#catalog.check(this.#node, check.id);
    this.#run(check, old?.Status ?? check.status, this.#held.of(check.id) ?? old?.Output ?? "");
    this.#followAliases();
  }

  removeCheck(id: string): void {
    if (!this.#runners.has(id) && this.#modern) throw refusals.check(id);
    this.#drop(id);
    this.#followAliases();
  }

  /** @throws ApiError when the check is none that a report may set */
  beat(id: string, status: Status, output: string): void {
    const runner = this.#runners.get(id);
    if (runner === undefined && this.#modern) throw refusals.check(id);
    if (runner?.definition.probe.kind !== "ttl") throw refusals.noTtl(id);
    runner.beat(output);
    this.#reports.set(id, { status, output, untilMs: this.#time.nowMs() + runner.definition.probe.ttlMs });
    this.#report(runner.definition, status, output);
  }

  /** Service maintenance by id, or that of the whole node when the id is absent. */
  maintain(enable: boolean, reason: string, serviceId?: string): void {
    const service = serviceId === undefined ? undefined : this.#services.get(serviceId);
    if (serviceId !== undefined && service === undefined) throw refusals.maintaining(serviceId);
    const id = maintenanceId(serviceId);
    // The first reason stays.
    if (!enable) this.#catalog.dropCheck(this.#node, id);
    else if (this.#catalog.check(this.#node, id) === undefined)
      this.#catalog.putCheck(this.#node, maintenanceCheck(service, reason));
    this.#followAliases();
  }

  /**
   * What a restart does: services, checks and maintenance are read back from disk. A check is critical until it is
   * heard of again, but for a TTL check whose last report still holds.
   */
  restart(): void {
    for (const { definition } of this.#runners.values()) {
      const report = this.#reports.get(definition.id);
      const holds = report !== undefined && report.untilMs > this.#time.nowMs();
      this.#reaper.fine(definition.id);
      this.#run(definition, holds ? report.status : "critical", holds ? report.output : "");
    }
    this.#followAliases();
  }

  close(): void {
    this.#reaper.close();
    this.#held.close();
    for (const runner of this.#runners.values()) runner.close();
  }

  #run(check: CheckDefinition, status: Status, output: string): void {
    this.#runners.get(check.id)?.close();
    const found = this.#judgeAlias(check) ?? { status, output };
    this.#put(check, found.status, found.output);
    const runner = checkRunner(check, {
      time: this.#time,
      random: this.#random,
      report: (next, said) => this.#report(check, next, said),
    });
    this.#runners.set(check.id, runner);
  }

  #report(check: CheckDefinition, status: Status, output: string): void {
    this.#say(check, status, output);
    this.#followAliases();
  }

  #say(check: CheckDefinition, status: Status, output: string): void {
    if (status !== "critical") this.#reaper.fine(check.id);
    const told = this.#catalog.check(this.#node, check.id);
    if (told?.Status !== status || told.Output === output) this.#put(check, status, output);
    else this.#held.hold(check.id, output, (latest) => this.#put(check, status, latest));
  }

  #put(check: CheckDefinition, status: Status, output: string): void {
    const service = this.#services.get(check.serviceId);
    if (status === "critical") this.#reaper.critical(check.id);
    this.#held.drop(check.id);
    this.#catalog.putCheck(this.#node, {
      CheckID: check.id,
      Name: check.name,
      Status: status,
      Notes: check.notes,
      Output: output,
      ServiceID: check.serviceId,
      ServiceName: service?.Service ?? "",
      ServiceTags: service?.Tags ?? [],
      Type: check.probe.kind,
    });
  }

  #drop(id: string): void {
    this.#runners.get(id)?.close();
    this.#runners.delete(id);
    this.#reports.delete(id);
    this.#reaper.fine(id);
    this.#held.drop(id);
    this.#catalog.dropCheck(this.#node, id);
  }

  // An alias of an alias is followed by the next report.
  #followAliases(): void {
    for (const { definition } of this.#runners.values()) {
      const found = this.#judgeAlias(definition);
      if (found !== undefined) this.#say(definition, found.status, found.output);
    }
  }

  #judgeAlias({ id, probe }: CheckDefinition): Finding | undefined {
    if (probe.kind !== "alias") return undefined;
    const others = this.checks().filter((row) => row.ServiceID === probe.serviceId && row.CheckID !== id);
    return judgeAlias(probe.serviceId, this.#services.has(probe.serviceId), others);
  }
}
