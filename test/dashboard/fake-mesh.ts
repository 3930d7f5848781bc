/** What one endpoint of a fake mesh is like. */
export interface FakeEndpoint {
  readonly id: string;
  readonly address: string;
  perSecond: number;
  failingRatio: number;
  ejectedForMs: number | null;
  why: string;
}

export interface FakeService {
  readonly name: string;
  readonly endpoints: readonly FakeEndpoint[];
  breaker: { readonly state: string; readonly nextTrialMs: number | null } | null;
  discovery: { readonly state: string; readonly staleMs: number | null; readonly error?: string };
}

const LATENCY_BOUNDS_MS = [
  0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000,
];
const ANSWER_BOUNDS_MS = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 10_000];

/**
 * Answers as a sidecar's admin API would whose endpoints have steady traffic: counters are that traffic times the time
 * since the start, which only `pass` moves.
 */
export class FakeMesh {
  services: FakeService[] = [];
  process = { service: "web", pid: 4711, since: "2026-09-21T14:13:20.000Z", state: "ready", reasons: [] as string[] };
  refused: string | null = null;
  #ms = 60_000;
  readonly #calls: object[] = [];
  /** What `/explain` says of each call. */
  decisions: readonly object[] = [];

  /** A service whose endpoints share this traffic. */
  add(name: string, count: number, perSecond = 10): FakeService {
    const endpoints = Array.from({ length: count }, (_, at) => ({
      id: `${name}-${at + 1}`,
      address: `10.0.${Math.floor(at / 250)}.${(at % 250) + 1}:9000`,
      perSecond: perSecond / count,
      failingRatio: 0,
      ejectedForMs: null,
      why: "",
    }));
    const service: FakeService = { name, endpoints, breaker: null, discovery: { state: "live", staleMs: 0 } };
    this.services.push(service);
    return service;
  }

  /** Takes an endpoint out of traffic. */
  eject({ endpoints }: FakeService, at: number, forMs: number): void {
    const endpoint = endpoints[at];
    if (endpoint === undefined) throw new Error(`there is no endpoint ${at}`);
    endpoint.ejectedForMs = forMs;
    endpoint.why = `is ejected for another ${(forMs / 1_000).toFixed(1)} s: 5 consecutive failures, the last: 5xx answers`;
  }

  /** Time goes by, and calls with it. */
  pass(ms: number): void {
    this.#ms += ms;
  }

  ended(service: string, over: object = {}): void {
    const seq = this.#calls.length + 1;
    this.#calls.push({
      seq,
      call: seq,
      side: "outbound",
      service,
      endpoint: `${service}-1`,
      startedAt: new Date(1_790_000_000_000 + seq * 37).toISOString(),
      agoMs: 1,
      durationMs: 18.2,
      status: 200,
      grpcStatus: null,
      attempts: 1,
      error: null,
      failed: false,
      flags: [],
      refused: null,
      traceId: null,
      ...over,
    });
  }

  /** @returns undefined for what there is not */
  answer(target: string): object | undefined {
    const { pathname, searchParams: query } = new URL(target, "http://fake");
    if (pathname === "/overview") return this.#overview();
    if (pathname === "/calls") return this.#shownCalls(query);
    if (pathname === "/explain") return this.#explained(query);
    const name = pathname.startsWith("/services/") ? decodeURIComponent(pathname.slice("/services/".length)) : "";
    const service = this.services.find((one) => one.name === name);
    return service && this.#page(service, query);
  }

  #overview(): object {
    return {
      atMs: this.#ms,
      process: this.process,
      policy: { since: this.process.since, refused: this.refused },
      telemetry: { otlp: null, sampleRatio: 0.1 },
      latencyBoundsMs: LATENCY_BOUNDS_MS,
      answerBoundsMs: ANSWER_BOUNDS_MS,
      services: this.services.map((service) => ({ ...state(service), counted: this.#counted(service) })),
    };
  }

  #counted({ endpoints }: FakeService): object {
    const counts = endpoints.map((endpoint) => this.#counts(endpoint));
    const attempts = counts.reduce((sum, one) => sum + one.attempts, 0);
    const failed = counts.reduce((sum, one) => sum + one.failed, 0);
    const latency = LATENCY_BOUNDS_MS.map(() => 0).concat(0);
    latency[5] = Math.round(attempts * 0.9);
    latency[7] = attempts - latency[5];
    return { calls: attempts, ended: attempts, failed, attempts, retries: 0, ejections: 0, latency };
  }

  #counts({ perSecond, failingRatio }: FakeEndpoint): { readonly attempts: number; readonly failed: number } {
    const attempts = Math.floor((perSecond * this.#ms) / 1_000);
    return { attempts, failed: Math.floor(attempts * failingRatio) };
  }

  #page(service: FakeService, query: URLSearchParams): object {
    const offset = Number(query.get("offset") ?? 0);
    const limit = Number(query.get("limit") ?? 1_000);
    const like = query.get("like") ?? "";
    const matching = service.endpoints.filter(({ id, why }) => (!query.has("out") || why !== "") && id.includes(like));
    const endpoints = matching.slice(offset, offset + limit).map((endpoint) => {
      const { id, address, why, ejectedForMs } = endpoint;
      const counts = this.#counts(endpoint);
      const answers = ANSWER_BOUNDS_MS.map((_, at) => (at === 4 ? counts.attempts : 0)).concat(0);
      return {
        id,
        address,
        why,
        ejectedForMs,
        ...counts,
        answers,
        weight: 1,
        zone: "eu-1a",
        available: why === "",
        registry: "passing",
        activeCheck: "unchecked",
        latencyMs: 18,
        pending: 0,
        failingRatio: 0,
        failuresInRow: 0,
      };
    });
    return { ...state(service), matching: matching.length, endpoints };
  }

  #shownCalls(query: URLSearchParams): object {
    const since = Number(query.get("since") ?? 0);
    const service = query.get("service");
    const found = this.#calls.filter((call) => {
      const {
        seq,
        service: of,
        failed,
        attempts,
      } = call as { seq: number; service: string; failed: boolean; attempts: number }; // made by `ended`
      return seq > since && (service === null || service === of) && (!query.has("failed") || failed || attempts > 1);
    });
    return { newest: this.#calls.length, calls: found.slice(-Number(query.get("last") ?? 100)) };
  }

  #explained(query: URLSearchParams): object {
    const number = Number(query.get("call"));
    const end = this.#calls[number - 1] ?? null;
    return { calls: [{ call: number, service: query.get("service"), end, decisions: this.decisions }] };
  }
}

function state({ name, endpoints, breaker, discovery }: FakeService): object {
  const available = endpoints.filter(({ why }) => why === "").length;
  return {
    name,
    source: `consul ${name} at http://127.0.0.1:8500`,
    discovery,
    balancer: "peak-ewma",
    typicalMs: 18,
    panic: false,
    calls: { running: 2, most: 1_024 },
    connections: { running: 3, most: 1_024 },
    breaker,
    retriesLeft: 99,
    retries: { running: 0, most: 3 },
    members: {
      total: endpoints.length,
      available,
      ejected: endpoints.length - available,
      trial: 0,
      unhealthy: 0,
      failing: 0,
      draining: 0,
    },
    subset: null,
    zonesOff: null,
    groups: [],
  };
}
