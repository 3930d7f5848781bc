import { request } from "node:http";
import { checkPolicy, type Policy, type PolicyInput, type ServicePolicyInput } from "@weft/config";
import { meshEvents } from "@weft/core";
import { createSidecar } from "@weft/sidecar";
import { eventJournal } from "@weft/testkit";
import { call as get, portOf } from "../sidecar/rig.ts";
import { bodyOf } from "./body-of.ts";
import type { Aged, CallSpec, Home, HomeParts, Told } from "./home.ts";

/** The sidecar, called over HTTP/1.1. */
export async function sidecarHome({ registry, time, random, policy }: HomeParts): Promise<Home> {
  const events = meshEvents();
  const journal = eventJournal(events);
  const sidecar = await createSidecar({
    policy: policyOf(policy),
    registry,
    time,
    random,
    onEvent: (name, event) => events.emit(name, event),
  });
  await sidecar.ready;
  const port = portOf(sidecar, "outbound");
  const admin = portOf(sidecar, "admin");
  async function byHand(what: "eject" | "restore", rest: string, id: string): Promise<void> {
    const path = `/${what}?service=orders&endpoint=${id}${rest}`;
    const { status, body } = await get(admin, path, { host: "localhost", method: "POST" });
    if (status !== 200) throw new Error(`${path}: ${status} ${body}`);
  }

  return {
    journal,
    call: (spec, onHead) => send(port, spec, onHead),
    async configure(next) {
      await sidecar.reload(policyOf(next));
    },
    eject: (id, forMs) => byHand("eject", `&for=${forMs}ms`, id),
    restore: (id) => byHand("restore", "", id),
    async decisions() {
      const path = "/explain?service=orders&last=256&format=json";
      const { body } = await get(admin, path, { host: "localhost" });
      type Shown = Aged & { text?: string; afterMs?: number };
      const shown = JSON.parse(body) as { readonly calls: readonly { readonly decisions: readonly Shown[] }[] };
      // Told call by call; compared in the order that they were taken.
      const decisions = shown.calls.flatMap((call) => call.decisions).toSorted((a, b) => a.number - b.number);
      for (const decision of decisions) {
        delete decision.text;
        delete decision.afterMs;
      }
      return decisions;
    },
    async [Symbol.asyncDispose]() {
      await sidecar.close();
      journal.close();
    },
  };
}

function policyOf(orders: ServicePolicyInput): Policy {
  const input: PolicyInput = {
    version: 1,
    telemetry: { accessLog: "off" },
    services: { orders },
    sidecar: { outbound: { listen: "127.0.0.1:0", consul: false }, admin: { listen: "127.0.0.1:0" } },
  };
  return checkPolicy(input, { home: "sidecar" }).policy;
}

function send(port: number, spec: CallSpec, onHead: () => void): Promise<Told> {
  const { service = "orders", path = "/", method = "GET", headers = {}, deadlineMs } = spec;
  const deadline = deadlineMs === undefined ? {} : { "x-request-deadline-ms": String(deadlineMs) };
  const { promise, resolve } = Promise.withResolvers<Told>();
  const sent = request({
    host: "127.0.0.1",
    port,
    path,
    method,
    headers: { host: service, ...headers, ...deadline },
    agent: false,
  });
  // A reset overtakes what came before it: whether the head was seen is chance.
  sent.on("error", () => resolve({ verdict: "cut", endpoint: "", body: "", cookies: [] }));
  sent.on("response", (response) => {
    const { statusCode = 0, headers: got } = response;
    const endpoint = String(got["x-fake-endpoint"] ?? "");
    const cookies = got["set-cookie"] ?? [];
    const code = got["x-weft-error"];
    let body = "";
    onHead();
    response.on("data", (bytes) => (body += String(bytes)));
    response.on("error", () => resolve({ verdict: "cut", endpoint: "", body: "", cookies: [] }));
    response.on("end", () =>
      resolve(code === undefined ? { verdict: String(statusCode), endpoint, body, cookies } : refused(String(code))),
    );
  });
  const body = bodyOf(spec);
  if (body === null || typeof body === "string") sent.end(body ?? undefined);
  else body.pipe(sent);
  return promise;
}

/** The body says why, in words with addresses in them. */
function refused(code: string): Told {
  return { verdict: code, endpoint: "", body: "", cookies: [] };
}
