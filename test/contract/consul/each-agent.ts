import { startAgent } from "@weft/consul-dev";
import { afterAll, beforeAll, describe, test } from "vitest";
import { realConsul, startRealConsul } from "../../real/real-server.ts";

const real = realConsul();

/** One instance as `/v1/health/service` shows it, as far as the contract reads it. */
export interface Entry {
  readonly Node: { readonly Node: string };
  readonly Service: { readonly ID: string } & Readonly<Record<string, unknown>>;
  readonly Checks: readonly { readonly CheckID: string; readonly Status: string; readonly Output: string }[];
}

/** An answer with its headers; `text` is trimmed. */
interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** How the contract speaks to an agent. */
export interface Api {
  /** Origin of the agent. */
  url(): string;
  /** A string body goes out as it is, another one as JSON. `path` comes after `/v1`. */
  ask(method: string, path: string, body?: unknown): Promise<Answer>;
  put(path: string, body?: unknown): Promise<Answer>;
  health(
    name: string,
    query?: string,
    signal?: AbortSignal,
  ): Promise<{ readonly index: number; readonly entries: readonly Entry[] }>;
  /** Reads, blocking, until the entries are as wanted. */
  settled(
    name: string,
    ready: (entries: readonly Entry[]) => boolean,
  ): Promise<{ readonly index: number; readonly entries: readonly Entry[] }>;
}

/** Holds consul-dev, and where it is found real Consul 1.8.7, to the same claims. */
export function eachAgent(title: string, claims: (api: Api, test: typeof skippable) => void): void {
  describe.for(agents)(`${title} ($name)`, { timeout: 60_000 }, ({ start, skip }) => {
    let agent: Running | undefined;
    beforeAll(async () => {
      if (!skip) agent = await start();
    }, 60_000);
    afterAll(() => agent?.close());
    claims(
      apiOf(() => agent?.url ?? ""),
      test.skipIf(skip),
    );
  });
}

const skippable = test.skipIf(false);

interface Running {
  readonly url: string;
  close(): Promise<void>;
}

const agents: readonly { readonly name: string; readonly skip: boolean; start(): Promise<Running> }[] = [
  { name: "consul-dev, profile 1.8", start: () => startAgent({ profile: "1.8" }), skip: false },
  { name: real.kind === "missing" ? real.skip : "real Consul", start: startReal, skip: real.kind === "missing" },
];

async function startReal(): Promise<Running> {
  if (real.kind === "missing") throw new Error(real.skip);
  const agent = await startRealConsul(real.binary, { args: ["-node=dev"] });
  return { url: agent.url, close: () => agent.stop() };
}

function apiOf(url: () => string): Api {
  async function ask(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Answer> {
    const sent = typeof body === "string" ? { body } : body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${url()}/v1${path}`, { method, ...sent, ...(signal ? { signal } : {}) });
    return { status: response.status, headers: response.headers, text: (await response.text()).trim() };
  }
  const health: Api["health"] = async (name, query = "", signal) => {
    const answer = await ask("GET", `/health/service/${name}${query}`, undefined, signal);
    return { index: Number(answer.headers.get("x-consul-index")), entries: JSON.parse(answer.text) };
  };
  return {
    url,
    ask,
    put: (path, body) => ask("PUT", path, body),
    health,
    async settled(name, ready) {
      let seen = await health(name);
      while (!ready(seen.entries)) seen = await health(name, `?index=${seen.index}&wait=5s`);
      return seen;
    },
  };
}
