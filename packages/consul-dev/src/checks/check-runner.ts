import type { CheckDefinition } from "../agent/check-definition.ts";
import type { Status } from "../store/rows.ts";
import type { Random, Time } from "../time.ts";
import { type Finding, runProbe } from "./run-probe.ts";

/** A check at work. */
export interface CheckRunner {
  readonly definition: CheckDefinition;
  /** A report from outside: starts the TTL anew. Only for TTL checks. */
  beat(output: string): void;
  close(): void;
}

/** What a runner needs, and whom it tells a new judgement. */
export interface CheckPorts {
  readonly time: Time;
  readonly random: Random;
  report(status: Status, output: string): void;
}

/**
 * Runs one check until closed. A TTL check starts counting at once; a probe first runs after a random part of its
 * interval, so that checks registered together do not run together. Source: Consul agent/checks/check.go.
 */
export function checkRunner(definition: CheckDefinition, ports: CheckPorts): CheckRunner {
  const stop = new AbortController();
  let cancel = (): void => {};
  let last = ""; // what was reported to this runner: one registered anew quotes nothing, as measured on 1.8.7
  const judge = thresholds(definition, (finding) => ports.report(finding.status, finding.output));
  const { probe } = definition;

  function expire(): void {
    ports.report("critical", last === "" ? "TTL expired" : `TTL expired (last output before timeout follows): ${last}`);
  }

  function beat(output: string): void {
    cancel();
    last = output;
    if (probe.kind === "ttl" && !stop.signal.aborted) cancel = ports.time.after(probe.ttlMs, expire);
  }

  async function turn(): Promise<void> {
    if (probe.kind !== "http" && probe.kind !== "tcp") return;
    const finding = await runProbe(probe, definition.timeoutMs, ports.time, stop.signal);
    if (stop.signal.aborted) return;
    judge(finding);
    next(definition.intervalMs);
  }

  function next(ms: number): void {
    if (!stop.signal.aborted) cancel = ports.time.after(ms, () => void turn());
  }

  if (probe.kind === "ttl") beat("");
  else next(ports.random.unit() * definition.intervalMs);
  return {
    definition,
    beat,
    close() {
      cancel();
      stop.abort();
    },
  };
}

/**
 * Lets a judgement through only after so many findings in a row; the very first one passes at once, whatever it is.
 * Source: Consul agent/checks StatusHandler.
 */
function thresholds(definition: CheckDefinition, pass: (finding: Finding) => void): (finding: Finding) => void {
  let [successes, failures] = [definition.successBeforePassing, definition.failuresBeforeCritical];
  return (finding) => {
    if (finding.status !== "critical") {
      [successes, failures] = [successes + 1, 0];
      if (successes >= definition.successBeforePassing) pass(finding);
      return;
    }
    [successes, failures] = [0, failures + 1];
    if (failures >= definition.failuresBeforeCritical) pass(finding);
    else if (failures >= definition.failuresBeforeWarning) pass({ ...finding, status: "warning" });
  };
}
