import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { DASHBOARD_HEADERS, dashboardFile } from "@weft/dashboard";
import { FakeMesh } from "./fake-mesh.ts";

/** What a sidecar's admin API can be told to be. The pages themselves are always served. */
export type Mood =
  | { readonly kind: "well" }
  /** Answers after so long. */
  | { readonly kind: "late"; readonly ms: number }
  /** Takes requests and says nothing. */
  | { readonly kind: "mute" }
  /** Says this instead. */
  | { readonly kind: "says"; readonly text: string; readonly status?: number }
  /** Says so much of the answer and closes. */
  | { readonly kind: "half" };

/** An admin API that is not one: it can be slow, silent, wrong and gone. */
export class FakeAdmin {
  readonly mesh: FakeMesh;
  mood: Mood = { kind: "well" };
  /** Paths with query, in the order they came. */
  readonly asked: string[] = [];
  /** The most that were under way at once. */
  mostAtOnce = 0;
  #atOnce = 0;
  #port = 0;
  readonly #server = createServer((incoming, outgoing) => this.#answer(incoming, outgoing));

  constructor(mesh: FakeMesh = new FakeMesh()) {
    this.mesh = mesh;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/dashboard/`;
  }

  /** Listens: on a port that it keeps when it comes back. */
  async start(): Promise<void> {
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    // A server that listens on a host and a port has an AddressInfo, never a pipe's name.
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** As a process that died: every connection is cut. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  /** How often a route was asked for. */
  count(start: string): number {
    return this.asked.filter((path) => path.startsWith(start)).length;
  }

  #answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { url = "/" } = incoming;
    if (url.startsWith("/dashboard/")) return sendFile(url.slice("/dashboard/".length).split("?")[0] ?? "", outgoing);
    this.asked.push(url);
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#atOnce);
    outgoing.once("close", () => this.#atOnce--);
    const { mood } = this;
    switch (mood.kind) {
      case "well":
        return this.#send(url, outgoing);
      case "late":
        setTimeout(() => this.#send(url, outgoing), mood.ms).unref();
        return;
      case "mute":
        return;
      case "says":
        outgoing.writeHead(mood.status ?? 200, { "Content-Type": "application/json" }).end(mood.text);
        return;
      case "half": {
        const text = JSON.stringify(this.mesh.answer(url)) ?? "{}";
        outgoing.writeHead(200, { "Content-Length": text.length }).write(text.slice(0, text.length / 2));
        setImmediate(() => outgoing.destroy());
        return;
      }
      default:
        mood satisfies never;
    }
  }

  #send(url: string, outgoing: ServerResponse): void {
    const value = this.mesh.answer(url);
    outgoing.writeHead(value === undefined ? 404 : 200, { "Content-Type": "application/json" });
    outgoing.end(JSON.stringify(value ?? { detail: `there is no ${url}` }));
  }
}

function sendFile(path: string, outgoing: ServerResponse): void {
  const file = dashboardFile(path);
  if (file === undefined) return void outgoing.writeHead(404).end();
  outgoing.writeHead(200, { "Content-Type": file.type, ...DASHBOARD_HEADERS }).end(file.text);
}
