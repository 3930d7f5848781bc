import { addressText, type Policy, type RegisterPolicy, type SocketAddress } from "@weft/config";
import { MeshError, type Random, type Time } from "@weft/core";
import { register, type Registration } from "@weft/discovery";
import type { LogLine } from "../sidecar-options.ts";
import { probeApp } from "./app-probe.ts";
import { registrationOptions } from "./registration-options.ts";

export interface AppRegistrationPorts {
  readonly consul: Policy["discovery"]["consul"];
  /** Where the app listens; undefined: nobody knows, so it is taken to be up. */
  readonly app: SocketAddress | undefined;
  /** The port that the inbound listener has taken. */
  readonly inboundPort: number | undefined;
  readonly time: Time;
  readonly random: Random;
  readonly log: (line: LogLine) => void;
  /** Consul has taken it, by this id. */
  readonly onRegistered?: (id: string) => void;
}

/** The app in Consul, for as long as it does not leave. */
export interface AppRegistration {
  /** Whether Consul has taken it. For the admin API. */
  readonly registered: boolean;
  /**
   * Takes the app out of Consul, and waits until callers have noticed. Resolves at once when Consul never knew of it.
   * Never rejects, and does not wait for an agent that is away. A second call returns the first one's promise.
   *
   * @param propagationMs how long callers have to notice, in ms, >= 0
   */
  leave(propagationMs: number): Promise<void>;
}

/** Between two looks at an app that is not up yet; doubles up to the longest. */
const FIRST_LOOK_MS = 100;
const LONGEST_LOOK_MS = 2_000;
/** How long leaving waits for the agent's answer. */
const FAREWELL_MS = 3_000;

/**
 * Registers the app as soon as it takes connections, keeps it registered, and with a check of kind `ttl` tells Consul
 * whether it still takes them.
 *
 * @throws MeshError BAD_CONFIG when the token's variable is missing or empty
 */
export function registerApp(policy: RegisterPolicy, ports: AppRegistrationPorts): AppRegistration {
  const options = registrationOptions(policy, ports.consul, ports.inboundPort);
  const { app, time, random, log, onRegistered } = ports;
  const { timeoutMs, intervalMs } = policy.check;
  const left = new AbortController();
  let registration: Registration | undefined;
  let registered = false;
  /** Consul was asked and did not take it. Until the answer is there, it may have. */
  let refused = false;
  /** Consul was asked to forget it and said no, which was told. */
  let failedToLeave = false;
  let leaving: Promise<void> | undefined;

  async function run(): Promise<void> {
    if (app !== undefined) await untilUp(app);
    left.signal.throwIfAborted();
    const onNotice = ({ problem }: { readonly problem: string }): void => {
      refused = !registered;
      failedToLeave = left.signal.aborted;
      log({ level: "warn", text: `registration of ${policy.name}: ${problem}` });
    };
    registration = register({ ...options, time, random, onNotice });
    await registration.ready(left.signal);
    registered = true;
    refused = false;
    onRegistered?.(registration.id);
    log({ level: "info", text: `registered ${policy.name} in Consul as ${registration.id}` });
    if (policy.check.kind === "ttl" && app !== undefined) await follow(app, registration);
  }

  async function untilUp(at: SocketAddress): Promise<void> {
    for (let pauseMs = FIRST_LOOK_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_LOOK_MS)) {
      const problem = await probeApp(at, timeoutMs);
      if (problem === undefined) return;
      if (pauseMs === FIRST_LOOK_MS)
        log({
          level: "info",
          text: `${policy.name} is registered when the app at ${addressText(at)} is up: ${problem}`,
        });
      await time.sleep(pauseMs, left.signal);
    }
  }

  /** Until it leaves: then the sleep throws. */
  async function follow(at: SocketAddress, known: Registration): Promise<never> {
    for (let last: string | undefined; ;) {
      await time.sleep(intervalMs, left.signal);
      const problem = await probeApp(at, timeoutMs);
      const note = problem === undefined ? "" : `the app at ${addressText(at)} takes no connection: ${problem}`;
      known.report(problem === undefined ? "passing" : "critical", note);
      if (problem !== last && problem !== undefined) log({ level: "warn", text: note });
      if (problem === undefined && last !== undefined)
        log({ level: "info", text: `the app at ${addressText(at)} is up` });
      last = problem;
    }
  }

  async function leave(propagationMs: number): Promise<void> {
    left.abort(new MeshError("CLOSED", `${policy.name} has left Consul`));
    if (registration === undefined) return;
    const waited = new AbortController();
    let answered = false;
    const farewell = registration.close({ drainMs: 0 }).then(() => (answered = true));
    await Promise.race([farewell, time.sleep(FAREWELL_MS, waited.signal).catch(() => {})]);
    waited.abort();
    if (refused) return;
    if (!answered) {
      const text = `Consul has not answered within ${FAREWELL_MS} ms that ${policy.name} leaves: its entry may stay`;
      log({ level: "warn", text });
    } else if (!failedToLeave) log({ level: "info", text: `${policy.name} has left Consul` });
    await time.sleep(propagationMs); // whatever was answered: it may have left
  }

  run().catch((error: unknown) => {
    // It left: nothing else ends a registration, which tries for ever.
    if (!left.signal.aborted) log({ level: "error", text: `registration of ${policy.name} ended: ${String(error)}` });
  });
  return {
    get registered() {
      return registered && !left.signal.aborted;
    },
    leave: (propagationMs) => (leaving ??= leave(propagationMs)),
  };
}
