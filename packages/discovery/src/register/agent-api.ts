import { isRecord, show } from "../endpoint-spec.ts";
import { words } from "../notice.ts";
import type { AgentHttp } from "../consul/agent-http.ts";
import type { Consul } from "../consul/consul-client.ts";
import type { TokenSource } from "../consul/token-source.ts";

/** What registration asks of a Consul agent. Every call ends by itself within two seconds or so. */
export interface AgentApi {
  /** @throws AgentRefusal, or the transport's error */
  register(definition: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<void>;
  report(checkId: string, status: CheckStatus, note: string): Promise<void>;
  maintenance(serviceId: string, enable: boolean, reason: string): Promise<void>;
  deregister(serviceId: string): Promise<void>;
  /**
   * Waits until the registration changes, or about `waitMs`.
   *
   * @param hash of the last answer, empty for none
   * @returns `gone` when the agent does not know the service
   */
  changed(serviceId: string, hash: string, waitMs: number, signal: AbortSignal): Promise<{ hash: string } | "gone">;
}

export type CheckStatus = "passing" | "warning" | "critical";

/** The agent answered, with something else than 2xx. */
export class AgentRefusal extends Error {
  readonly status: number;

  constructor(status: number, said: string) {
    super(`${status} ${said.trim().slice(0, 200)}`.trimEnd());
    this.name = "AgentRefusal";
    this.status = status;
  }
}

/** The bound of every short call, in ms: a beat that takes longer than this is as good as none. */
const TIMEOUT_MS = 2_000;
const SLACK_MS = 12_000;

/**
 * The small calls go through the npm package `consul`, always with a timeout, as it waits for ever on a cut answer.
 * Registration itself goes out raw, since that package drops weights, and so does the blocking read.
 */
export function agentApi(consul: Consul, http: AgentHttp, token: TokenSource): AgentApi {
  async function options(): Promise<{ timeout: number; token?: string }> {
    const own = await token();
    return { timeout: TIMEOUT_MS, ...(own === "" ? {} : { token: own }) };
  }

  return {
    async register(definition, signal) {
      const response = await http.request({
        method: "PUT",
        path: "/v1/agent/service/register?replace-existing-checks=true",
        body: JSON.stringify(definition),
        token: await token(),
        deadlineMs: TIMEOUT_MS,
        signal,
      });
      const said = await response.text();
      if (response.status !== 200) throw new AgentRefusal(response.status, said);
      // Consul's own answer is empty; a proxy's page may come with 200, too.
      if (/^\s*</.test(said)) throw new Error(`an answer that is not Consul's: ${show(said)}`);
    },
    async report(id, status, note) {
      const call = { id, note, ...(await options()) };
      const { check } = consul.agent;
      if (status === "passing") await settle(check.pass(call));
      else if (status === "warning") await settle(check.warn(call));
      else await settle(check.fail(call));
    },
    async maintenance(id, enable, reason) {
      await settle(consul.agent.service.maintenance({ id, enable, reason, ...(await options()) }));
    },
    async deregister(id) {
      await settle(consul.agent.service.deregister({ id, ...(await options()) }));
    },
    async changed(id, hash, waitMs, signal) {
      const blocking = hash === "" ? "" : `?hash=${encodeURIComponent(hash)}&wait=${waitMs}ms`;
      const response = await http.request({
        method: "GET",
        path: `/v1/agent/service/${encodeURIComponent(id)}${blocking}`,
        token: await token(),
        deadlineMs: SLACK_MS + (hash === "" ? 0 : (waitMs * 17) / 16),
        signal,
      });
      if (response.status === 404) return "gone";
      if (response.status !== 200) throw new AgentRefusal(response.status, await response.text());
      return { hash: response.header("x-consul-contenthash") ?? "" };
    },
  };
}

/** Turns the package's errors into ours, with the agent's own words where it gave any. */
async function settle(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!isRecord(error) || !isRecord(error.response)) throw error;
    const { statusCode, body } = error.response;
    const said = Buffer.isBuffer(body) ? body.toString("utf8") : typeof body === "string" ? body : words(error);
    throw new AgentRefusal(typeof statusCode === "number" ? statusCode : 0, said);
  }
}
