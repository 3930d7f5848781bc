import { type Endpoint } from "../endpoint.ts";
import { type CheckSchedule, firstCheckMs, nextCheckMs } from "../policy/health-check/check-schedule.ts";
import type { ProbeResult } from "../policy/health-check/endpoint-health.ts";
import type { Random, Time } from "../time/time.ts";
import type { Probe } from "./health-checks.ts";

export interface EndpointCheckPorts {
  readonly time: Time;
  readonly random: Random;
  readonly probe: Probe;
  readonly schedule: () => CheckSchedule;
  readonly found: (id: string, result: ProbeResult) => void;
}

const UNENDED: ProbeResult = { kind: "failed", why: "the check before has not ended yet" };

/** The checks of one endpoint, one after the other, until `stop`. */
export class EndpointCheck {
  /** As the registry describes it now. */
  endpoint: Endpoint;
  readonly #ports: EndpointCheckPorts;
  /** The probe under way, and how to give it up. */
  #running: AbortController | undefined = undefined;
  #stopped = false;
  #disarm: () => void;

  constructor(endpoint: Endpoint, ports: EndpointCheckPorts) {
    this.endpoint = endpoint;
    this.#ports = ports;
    const { time, random, schedule } = ports;
    this.#disarm = time.after(firstCheckMs(schedule(), random), () => this.#due());
  }

  sameAddress({ host, port }: Endpoint): boolean {
    return this.endpoint.host === host && this.endpoint.port === port;
  }

  stop(): void {
    this.#stopped = true;
    this.#disarm();
    this.#running?.abort(new DOMException("the endpoint is checked no more", "AbortError"));
  }

  #due(): void {
    const { time, random, schedule, found } = this.#ports;
    this.#disarm = time.after(nextCheckMs(schedule(), random), () => this.#due());
    // A probe that does not heed its signal is not joined by a second, but it does not pass for an answer either.
    if (this.#running?.signal.aborted) found(this.endpoint.id, UNENDED);
    else if (this.#running === undefined) void this.#check(schedule().timeoutMs);
  }

  /** Never rejects. Tells what was found once: the probe's word, or that it took too long. */
  async #check(timeoutMs: number): Promise<void> {
    const { time, probe, found } = this.#ports;
    const running = (this.#running = new AbortController());
    const disarm = time.after(timeoutMs, () => {
      running.abort(new DOMException(`no answer within ${timeoutMs} ms`, "TimeoutError"));
      found(this.endpoint.id, { kind: "failed", why: `no answer within ${timeoutMs} ms` });
    });
    let result: ProbeResult;
    try {
      result = await probe(this.endpoint, running.signal);
    } catch (error) {
      result = { kind: "failed", why: error instanceof Error ? error.message : String(error) };
    }
    disarm();
    this.#running = undefined;
    if (!this.#stopped && !running.signal.aborted) found(this.endpoint.id, result);
  }
}
