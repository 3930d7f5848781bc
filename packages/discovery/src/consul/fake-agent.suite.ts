import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A Consul agent with one service, on a loopback port: blocking queries and whatever misbehaviour a test wants. */
export class FakeAgent {
  readonly #server: Server;
  /** Requests as they came, `GET /v1/...?stale`. */
  readonly requests: string[] = [];
  #index = 10;
  #hosts: readonly string[] = [];
  #lie: Handler | undefined;
  readonly #blocked = new Set<() => void>();

  constructor() {
    this.#server = createServer((request, response) => this.#handle(request, response));
  }

  static async start(hosts: readonly string[]): Promise<FakeAgent> {
    const agent = new FakeAgent();
    agent.#hosts = hosts;
    await agent.listen(0);
    return agent;
  }

  async listen(port: number): Promise<void> {
    this.#server.listen(port, "127.0.0.1");
    await once(this.#server, "listening");
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Answers these from now on, truthfully. */
  say(hosts: readonly string[]): void {
    this.#hosts = hosts;
    this.#lie = undefined;
    this.#wake();
  }

  /** Answers every request like this from now on, also those that wait. */
  lie(handler: Handler): void {
    this.#lie = handler;
    this.#wake();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, "close");
  }

  #wake(): void {
    this.#index++;
    for (const wake of this.#blocked) wake();
    this.#blocked.clear();
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const { url = "", method = "" } = request;
    this.requests.push(`${method} ${url}`);
    const answer = (): void => (this.#lie ?? this.#tell)(request, response);
    const asked = Number(new URL(url, "http://agent").searchParams.get("index"));
    if (asked < this.#index) answer();
    else {
      this.#blocked.add(answer);
      response.once("close", () => this.#blocked.delete(answer));
    }
  }

  readonly #tell: Handler = (_request, response) => {
    response.writeHead(200, { "x-consul-index": String(this.#index), "x-consul-knownleader": "true" });
    response.end(healthBody(this.#hosts));
  };
}

/** The answer of `/v1/health/service/orders` for instances on port 80 of these hosts. */
export function healthBody(hosts: readonly string[], port = 80): string {
  return JSON.stringify(
    hosts.map((host) => ({
      Node: { Node: `node-${host}`, Address: host },
      Service: { ID: "orders-1", Service: "orders", Port: port, Weights: { Passing: 1, Warning: 1 } },
      Checks: [{ CheckID: "service:orders-1", Status: "passing" }],
    })),
  );
}
