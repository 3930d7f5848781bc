import { createMesh } from "@weft/client";
import { MeshError, meshEvents } from "@weft/core";
import { eventJournal } from "@weft/testkit";
import { request } from "undici";
import type { CallSpec, Home, HomeParts, Told } from "./home.ts";
import { bodyOf } from "./body-of.ts";

/** The SDK in this process. */
export async function sdkHome({ registry, time, random, policy }: HomeParts): Promise<Home> {
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
    const { service = "orders", path = "/", method = "GET", headers = {}, deadlineMs } = spec;
    const { dispatcher } = mesh;
    let status = 0;
    let endpoint = "";
    try {
      const answer = await request(`http://${service}${path}`, {
        dispatcher: deadlineMs === undefined ? dispatcher : dispatcher.with({ timeoutMs: deadlineMs }),
        method,
        headers,
        body: bodyOf(spec),
      });
      status = answer.statusCode;
      onHead();
      endpoint = String(answer.headers["x-fake-endpoint"] ?? "");
      return { verdict: String(status), endpoint, body: await answer.body.text() };
    } catch (error) {
      if (status > 0) return { verdict: "cut", endpoint: "", body: "" };
      if (error instanceof MeshError) return { verdict: error.code, endpoint: "", body: "" };
      throw error;
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
      const { decisions, now } = mesh.explain({ service: "orders", last: 256 });
      return decisions.map(({ atMs, ...rest }) => ({ agoMs: Math.round((now.atMs - atMs) * 1_000) / 1_000, ...rest }));
    },
    async [Symbol.asyncDispose]() {
      await mesh.close({ drainMs: 0 });
      journal.close();
    },
  };
}
