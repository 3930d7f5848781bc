import type { HealthPolicy, HealthQuestion } from "@weft/config";
import { type CheckedCluster, type Endpoint, HealthChecks } from "@weft/core";
import type { RuntimePorts } from "./runtime-ports.ts";

/** The checks of one service's endpoints, for as long as its policy asks for them and its home can make them. */
export class ActiveChecks {
  readonly #service: string;
  readonly #cluster: CheckedCluster;
  readonly #ports: Pick<RuntimePorts, "time" | "random" | "probe" | "canAsk">;
  #endpoints: readonly Endpoint[] = [];
  #checks: HealthChecks | undefined = undefined;
  /** What the next probe asks. */
  #question: HealthQuestion = { kind: "tcp" };

  constructor(
    service: string,
    cluster: CheckedCluster,
    ports: Pick<RuntimePorts, "time" | "random" | "probe" | "canAsk">,
  ) {
    this.#service = service;
    this.#cluster = cluster;
    this.#ports = ports;
  }

  /** Checks these endpoints from now on, and no others. */
  follow(endpoints: readonly Endpoint[]): void {
    this.#endpoints = endpoints;
    this.#checks?.follow(endpoints);
  }

  /** @param health undefined: no checks, and what they found is forgotten */
  configure(health: HealthPolicy | undefined): void {
    const { time, random, probe, canAsk = () => true } = this.#ports;
    if (health === undefined || probe === undefined || !canAsk(health.question)) {
      this.#checks?.close();
      this.#checks = undefined;
      return;
    }
    this.#question = health.question;
    if (this.#checks !== undefined) {
      this.#checks.configure(health);
      return;
    }
    this.#checks = new HealthChecks({
      cluster: this.#cluster,
      time,
      random,
      schedule: health,
      probe: (endpoint, signal) => probe(endpoint, this.#question, this.#service, signal),
    });
    this.#checks.follow(this.#endpoints);
  }

  close(): void {
    this.configure(undefined);
  }
}
