import { addressText } from "@weft/config";
import type { AdminView } from "../admin/admin-view.ts";
import type { Drainable } from "../consul/shut-down.ts";
import type { ListenerPlan, PlannedListener } from "../reload/listener-plans.ts";
import type { ListenerChanges } from "../reload/policy-changes.ts";
import type { SidecarListener } from "../sidecar.ts";
import type { ListenerPorts } from "./listener-ports.ts";
import { type ListenersTls, openListener, type OpenListener } from "./listeners.ts";

/** The listeners that are open, and those that are ending. */
export class ListenerSet {
  readonly #ports: ListenerPorts;
  readonly #view: AdminView;
  readonly #ending = new Set<Promise<unknown>>();
  #open: OpenListener[] = [];
  /** Of the policy in force. */
  #tls: ListenersTls = () => undefined;

  constructor(ports: ListenerPorts, view: AdminView) {
    this.#ports = ports;
    this.#view = view;
  }

  get shown(): readonly SidecarListener[] {
    return this.#open.map(({ shown }) => shown);
  }

  /** Where a kind of listener accepts; undefined: there is none. */
  addressOf(kind: ListenerPlan["kind"]): string | undefined {
    return this.#open.find(({ plan }) => plan.kind === kind)?.shown.address;
  }

  /** Those whose callers are elsewhere, or whose caller is the app. */
  drainable(side: "towards the app" | "from the app"): Drainable[] {
    return this.#open
      .filter(({ plan }) => (plan.kind === "inbound") === (side === "towards the app"))
      .flatMap(({ drainable }) => drainable ?? []);
  }

  /** Opens one after the other. @throws MeshError BAD_CONFIG for the first that cannot be */
  async open(planned: readonly PlannedListener[], tls: ListenersTls): Promise<void> {
    this.#tls = tls;
    for (const one of planned) this.#open.push(await this.#openOne(one, tls));
  }

  /**
   * Opens, closes and changes what another policy wants so. Those that close end their connections in peace, for at most
   * `graceMs`.
   *
   * @param planned of the next policy: names and places in the file of those that open
   * @param tls certificates of the next policy, also for those that stay open
   * @throws MeshError BAD_CONFIG when one cannot be opened; then the others are as they were
   */
  async change(
    changes: ListenerChanges,
    planned: readonly PlannedListener[],
    tls: ListenersTls,
    graceMs: number,
  ): Promise<void> {
    const closing = this.#open.filter(({ plan }) => has(changes.close, plan));
    const first = closing.filter(({ plan }) => has(changes.closeFirst, plan));
    for (const listener of first) this.#end(listener, graceMs);
    const opened: OpenListener[] = [];
    try {
      for (const one of planned) {
        if (has(changes.open, one.plan)) opened.push(await this.#openOne(one, tls));
      }
    } catch (error) {
      await Promise.all(opened.map((listener) => listener.close()));
      await this.#reopen(first);
      throw error;
    }
    for (const listener of closing) if (!first.includes(listener)) this.#end(listener, graceMs);
    this.#open = [...this.#open, ...opened];
    for (const { before, after } of changes.changed) this.#configure(before, after);
    for (const listener of this.#open) listener.renew(tls);
    this.#tls = tls;
  }

  /** Ends everything now. */
  async close(): Promise<void> {
    const open = this.#open;
    this.#open = [];
    await Promise.all([...open.map((listener) => listener.close()), ...this.#ending]);
  }

  #configure(before: ListenerPlan, after: ListenerPlan): void {
    this.#open = this.#open.map((listener) => {
      if (!same(listener.plan, before)) return listener;
      listener.configure(after);
      return { ...listener, plan: after };
    });
  }

  /** Its address is free when this returns, or soon after for the admin API. */
  #end(listener: OpenListener, graceMs: number): void {
    this.#open = this.#open.filter((other) => other !== listener);
    const { drainable } = listener;
    drainable?.stopAccepting();
    const ended = drainable === undefined ? listener.close() : drainable.finish(graceMs);
    this.#ending.add(ended);
    void ended.finally(() => this.#ending.delete(ended));
  }

  async #reopen(closed: readonly OpenListener[]): Promise<void> {
    for (const { plan, shown } of closed) {
      const planned = { plan, name: shown.name, address: shown.address, path: "sidecar" };
      this.#open.push(await this.#openOne(planned, this.#tls));
    }
  }

  #openOne(planned: PlannedListener, tls: ListenersTls): Promise<OpenListener> {
    return openListener(planned, this.#ports, { view: this.#view, tls });
  }
}

function has(plans: readonly ListenerPlan[], plan: ListenerPlan): boolean {
  return plans.some((one) => same(one, plan));
}

/** Whether both mean the same socket: what else a plan says may have changed. */
function same(a: ListenerPlan, b: ListenerPlan): boolean {
  return a.kind === b.kind && addressText(a.policy.listen) === addressText(b.policy.listen);
}
