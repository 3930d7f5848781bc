import { Readable } from "node:stream";
import { createMesh, type Mesh } from "@weft/client";
import { MeshError, meshEvents } from "@weft/core";
import { eventJournal } from "@weft/testkit";
import { request } from "undici";
import type { CallSpec, Home, HomeParts, Told } from "./home.ts";
import { bodyOf } from "./body-of.ts";

/** The SDK in this process, called by undici's `request` over its dispatcher. */
export function sdkHome(parts: HomeParts): Promise<Home> {
  return homeCalledBy(requested, parts);
}

/** The same, called by its `fetch`. */
export function fetchHome(parts: HomeParts): Promise<Home> {
  return homeCalledBy(fetched, parts);
}

/** An answer whose head is here. */
interface Answered {
  readonly status: number;
  readonly endpoint: string;
  readonly cookies: readonly string[];
  text(): Promise<string>;
}

type Way = (mesh: Mesh<"orders">, url: string, spec: CallSpec) => Promise<Answered>;

async function requested({ dispatcher }: Mesh<"orders">, url: string, spec: CallSpec): Promise<Answered> {
  const { method = "GET", headers = {}, deadlineMs } = spec;
  const answer = await request(url, {
    dispatcher: deadlineMs === undefined ? dispatcher : dispatcher.with({ timeoutMs: deadlineMs }),
    method,
    headers,
    body: bodyOf(spec),
  });
  const endpoint = String(answer.headers["x-fake-endpoint"] ?? "");
  const cookies = [answer.headers["set-cookie"] ?? []].flat();
  return { status: answer.statusCode, endpoint, cookies, text: () => answer.body.text() };
}

async function fetched(mesh: Mesh<"orders">, url: string, spec: CallSpec): Promise<Answered> {
  const { method = "GET", headers = {}, deadlineMs } = spec;
  const body = bodyOf(spec);
  const answer = await mesh.fetch(url, {
    method,
    headers,
    ...(typeof body === "string" ? { body } : {}),
    ...(body instanceof Readable ? { body: Readable.toWeb(body), duplex: "half" } : {}),
    ...(deadlineMs === undefined ? {} : { mesh: { timeoutMs: deadlineMs } }),
  });
  return {
    status: answer.status,
    endpoint: answer.headers.get("x-fake-endpoint") ?? "",
    cookies: answer.headers.getSetCookie(),
    text: () => answer.text(),
  };
}

async function homeCalledBy(way: Way, { registry, time, random, policy }: HomeParts): Promise<Home> {
  const events = meshEvents();
  const journal = eventJournal(events);
  const mesh = createMesh({
    registry,
    time,
    random,
    services: { orders: policy },
    onEvent: (name, event) => events.emit(name, event),
  });
  await mesh.ready();

  async function call(spec: CallSpec, onHead: () => void): Promise<Told> {
    const { service = "orders", path = "/" } = spec;
    let begun = false;
    try {
      const answer = await way(mesh, `http://${service}${path}`, spec);
      begun = true;
      onHead();
      const { status, endpoint, cookies } = answer;
      return { verdict: String(status), endpoint, body: await answer.text(), cookies };
    } catch (error) {
      return { verdict: begun ? "cut" : codeOf(error), endpoint: "", body: "", cookies: [] };
    }
  }

  return {
    journal,
    call,
    async configure(next) {
      mesh.configure({ services: { orders: next } });
    },
    async eject(id, forMs) {
      mesh.service("orders").eject(id, forMs);
    },
    async restore(id) {
      mesh.service("orders").restore(id);
    },
    async decisions() {
      const { decisions, now } = mesh.explain({ service: "orders", last: 1_000 });
      const taken = decisions.toSorted((a, b) => a.number - b.number);
      return taken.map(({ atMs, ...rest }) => ({ agoMs: Math.round((now.atMs - atMs) * 1_000) / 1_000, ...rest }));
    },
    async [Symbol.asyncDispose]() {
      await mesh.close({ drainMs: 0 });
      journal.close();
    },
  };
}

/** Of the mesh's refusal; fetch may wrap it. */
function codeOf(error: unknown): string {
  if (error instanceof MeshError) return error.code;
  if (error instanceof TypeError && error.cause instanceof MeshError) return error.cause.code;
  throw error;
}
