import { ApiError } from "../http/reply.ts";
import { type CheckRunner, checkRunner } from "../checks/check-runner.ts";
import type { Catalog } from "../store/catalog.ts";
import type { CheckRow, ServiceRow, ServiceSpec, Status } from "../store/rows.ts";
import type { Random, Time } from "../time.ts";
import type { CheckDefinition } from "./check-definition.ts";

const REAP_EVERY_MS = 30_000; // Consul's default reap interval
const SHORTEST_CRITICAL_MS = 60_000; // and the least DeregisterCriticalServiceAfter it honours

/** What one agent keeps of its own: services it registered, checks it runs. The catalog follows at once. */
export class LocalAgent {
  readonly #node: string;
  readonly #catalog: Catalog;
  readonly #time: Time;
  readonly #random: Random;
  readonly #modern: boolean;
  readonly #services = new Map<string, ServiceSpec>();
  readonly #runners = new Map<string, CheckRunner>();
  readonly #criticalSince = new Map<string, number>();
  #cancelReaper: () => void = () => {};

  constructor(node: string, catalog: Catalog, time: Time, random: Random, modern: boolean) {
    this.#node = node;
    this.#catalog = catalog;
    this.#time = time;
    this.#random = random;
    this.#modern = modern;
    this.#armReaper();
  }

  services(): ServiceRow[] {
    return this.#catalog.services((row) => row.Node === this.#node && this.#services.has(row.ID));
  }

  checks(): CheckRow[] {
    return this.#catalog.checks((row) => row.Node === this.#node && row.CheckID !== "serfHealth");
  }

  definition(checkId: string): CheckDefinition | undefined {
    return this.#runners.get(checkId)?.definition;
  }

  register(service: ServiceSpec, checks: readonly CheckDefinition[], replaceChecks: boolean): void {
    this.#services.set(service.ID, service);
    this.#catalog.putService(this.#node, service);
    if (replaceChecks) {
      const kept = new Set(checks.map(({ id }) => id));
      for (const row of this.checks())
        if (row.ServiceID === service.ID && !kept.has(row.CheckID)) this.#drop(row.CheckID);
    }
    for (const check of checks) this.addCheck(check);
  }

  /** @throws ApiError 404 when it is not there and the profile reports that */
  deregister(id: string): void {
    if (!this.#services.delete(id)) {
      if (!this.#modern) return;
      throw new ApiError(
        404,
        `Unknown service ID "${id}". Ensure that the service ID is passed, not the service name.`,
      );
    }
    for (const row of this.checks()) if (row.ServiceID === id) this.#drop(row.CheckID);
    this.#catalog.dropService(this.#node, id);
  }

  /** A check registered again keeps its status. @throws ApiError 500 when its service is unknown */
  addCheck(check: CheckDefinition): void {
    const service = this.#services.get(check.serviceId);
    if (check.serviceId !== "" && service === undefined)
      throw new ApiError(500, `ServiceID "${check.serviceId}" does not exist`);
    const old = this.#catalog.check(this.#node, check.id);
    this.#runners.get(check.id)?.close();
    this.#put(check, service, old?.Status ?? check.status, old?.Output ?? "");
    const runner = checkRunner(check, {
      time: this.#time,
      random: this.#random,
      report: (status, output) => this.#report(check.id, status, output),
    });
    this.#runners.set(check.id, runner);
    this.#followAliases();
  }

  removeCheck(id: string): void {
    if (!this.#runners.has(id) && this.#modern)
      throw new ApiError(404, `Unknown check ID "${id}". Ensure that the check ID is passed, not the check name.`);
    this.#drop(id);
  }

  /** @throws ApiError when the check is none that a report may set */
  beat(id: string, status: Status, output: string): void {
    const runner = this.#runners.get(id);
    if (runner === undefined && this.#modern)
      throw new ApiError(404, `Unknown check ID "${id}". Ensure that the check ID is passed, not the check name.`);
    if (runner?.definition.probe.kind !== "ttl")
      throw new ApiError(500, `CheckID "${id}" does not have associated TTL`);
    runner.beat(output);
    this.#report(id, status, output);
  }

  /** Service maintenance by id, or that of the whole node when the id is absent. */
  maintain(enable: boolean, reason: string, serviceId?: string): void {
    const service = serviceId === undefined ? undefined : this.#services.get(serviceId);
    if (serviceId !== undefined && service === undefined)
      throw new ApiError(404, `No service registered with ID "${serviceId}"`);
    const id = serviceId === undefined ? "_node_maintenance" : `_service_maintenance:${serviceId}`;
    if (!enable) {
      this.#catalog.dropCheck(this.#node, id);
      return;
    }
    if (this.#catalog.check(this.#node, id) !== undefined) return; // the first reason stays
    const [what, title] = serviceId === undefined ? ["node", "Node"] : ["service", "Service"];
    this.#catalog.putCheck(this.#node, {
      CheckID: id,
      Name: `${title} Maintenance Mode`,
      Status: "critical",
      Notes:
        reason ||
        `Maintenance mode is enabled for this ${what}, but no reason was provided. This is a default message.`,
      Output: "",
      ServiceID: serviceId ?? "",
      ServiceName: service?.Service ?? "",
      ServiceTags: service?.Tags ?? [],
      Type: "maintenance",
    });
  }

  /** What a restart does: services are read back from disk, checks start anew and critical until they report. */
  restart(): void {
    const checks = [...this.#runners.values()].map(({ definition }) => definition);
    for (const check of checks) this.#drop(check.id);
    for (const check of checks) this.addCheck({ ...check, status: "critical" });
  }

  close(): void {
    this.#cancelReaper();
    for (const runner of this.#runners.values()) runner.close();
  }

  #report(id: string, status: Status, output: string): void {
    const definition = this.definition(id);
    if (definition === undefined) return;
    if (status !== "critical") this.#criticalSince.delete(id);
    this.#put(definition, this.#services.get(definition.serviceId), status, output);
    this.#followAliases();
  }

  #put(check: CheckDefinition, service: ServiceSpec | undefined, status: Status, output: string): void {
    if (status === "critical" && !this.#criticalSince.has(check.id))
      this.#criticalSince.set(check.id, this.#time.nowMs());
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
    this.#criticalSince.delete(id);
    this.#catalog.dropCheck(this.#node, id);
  }

  // An alias says what the other service's checks say; an alias of an alias is followed by the next report.
  #followAliases(): void {
    for (const { definition } of this.#runners.values()) {
      if (definition.probe.kind !== "alias") continue;
      const { serviceId } = definition.probe;
      const others = this.checks().filter((row) => row.ServiceID === serviceId && row.CheckID !== definition.id);
      const failing = others.find((row) => row.Status === "critical") ?? others.find((row) => row.Status === "warning");
      const output = failing
        ? `Aliased check "${failing.Name}" failing: ${failing.Output}`
        : others.length === 0
          ? "No checks found."
          : "All checks passing.";
      this.#put(definition, this.#services.get(definition.serviceId), failing?.Status ?? "passing", output);
    }
  }

  #armReaper(): void {
    this.#cancelReaper = this.#time.after(REAP_EVERY_MS, () => {
      for (const [id, sinceMs] of this.#criticalSince) {
        const definition = this.definition(id);
        if (definition === undefined || definition.deregisterAfterMs <= 0 || definition.serviceId === "") continue;
        const limitMs = Math.max(SHORTEST_CRITICAL_MS, definition.deregisterAfterMs);
        if (this.#time.nowMs() - sinceMs > limitMs && this.#services.has(definition.serviceId))
          this.deregister(definition.serviceId);
      }
      this.#armReaper();
    });
  }
}
