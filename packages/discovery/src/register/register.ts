import type { Random, Time } from "@weft/core";
import { agentAddress } from "../consul/agent-address.ts";
import type { AgentOptions } from "../consul/agent-address.ts";
import { AgentHttp } from "../consul/agent-http.ts";
import { consulClient, settingsOf } from "../consul/consul-client.ts";
import { tokenSource } from "../consul/token-source.ts";
import type { OnNotice } from "../notice.ts";
import { systemRandom, systemTime } from "../system-time.ts";
import { agentApi } from "./agent-api.ts";
import type { CheckStatus } from "./agent-api.ts";
import { Reconciler } from "./reconciler.ts";
import { checkDescription, serviceId } from "./service-definition.ts";
import type { ServiceDescription } from "./service-definition.ts";

export interface RegisterOptions extends AgentOptions, ServiceDescription {
  readonly token?: string;
  /** A file with the token, read before each request. Wins over `token`. */
  readonly tokenFile?: string;
  readonly time?: Time;
  readonly random?: Random;
  readonly onNotice?: OnNotice;
}

/** One's own service in the registry, for as long as it is not closed. */
export interface Registration {
  readonly id: string;
  /**
   * Resolves when Consul has first taken the registration.
   *
   * @throws MeshError NOT_READY, with what is wrong, when a signal of `AbortSignal.timeout` aborts first; any other
   * signal's reason; CLOSED when the registration is closed first
   */
  ready(signal?: AbortSignal): Promise<void>;
  /** What the next beats say; `passing` at first. Only a TTL check has beats: with another one this does nothing. */
  report(status: CheckStatus, note?: string): void;
  /**
   * Says farewell: maintenance, so that callers drain away; `drainMs` of further service; then deregistration.
   *
   * Keep answering requests until it resolves. It never rejects: what Consul did not hear of, it finds out by the check.
   */
  close(options?: CloseOptions): Promise<void>;
}

export interface CloseOptions {
  /** How long callers have to notice, in ms. Default 5,000; 0 deregisters at once. */
  readonly drainMs?: number;
}

/** One socket for the blocking read, one for a registration beside it. */
const SOCKETS = 2;
const DRAIN_MS = 5_000;

/**
 * Registers one's own service in Consul and keeps it registered: beats its TTL check, and registers again when the
 * agent has forgotten it.
 *
 *   const registration = register({ name: "orders", port: 8080, check: { ttlMs: 15_000 } });
 *   process.once("SIGTERM", () => registration.close());
 *
 * @throws MeshError BAD_CONFIG for what Consul would refuse; never for an agent that is away
 */
export function register(options: RegisterOptions): Registration {
  checkDescription(options);
  const { time = systemTime, random = systemRandom, onNotice, consul: existing } = options;
  const address = agentAddress(options);
  const http = new AgentHttp(address, time, SOCKETS);
  const own = existing === undefined ? consulClient(address) : { consul: existing, close: () => {} };
  const notice = (problem: string): void => onNotice?.({ service: options.name, problem });
  const token = tokenSource(
    {
      token: options.token ?? (existing === undefined ? "" : settingsOf(existing).token),
      ...(options.tokenFile === undefined ? {} : { tokenFile: options.tokenFile }),
    },
    notice,
  );
  const api = agentApi(own.consul, http, token);
  const id = serviceId(options);
  const reconciler = new Reconciler(options, { api, time, random, notice });
  let closing: Promise<void> | undefined;

  async function close({ drainMs = DRAIN_MS }: CloseOptions): Promise<void> {
    await reconciler.close(drainMs);
    own.close();
    await http.close();
  }

  return {
    id,
    ready: (signal) => reconciler.ready(signal),
    report: (status, note = "") => reconciler.report(status, note),
    close: (how = {}) => (closing ??= close(how)),
  };
}
