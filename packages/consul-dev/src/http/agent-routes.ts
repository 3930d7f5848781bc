import { createHash } from "node:crypto";
import { readCheck, readStatus } from "../agent/check-definition.ts";
import { readRegistration } from "../agent/service-definition.ts";
import { CHECK_FIELDS, SERVICE_FIELDS } from "../filter/fields.ts";
import { VERSIONS } from "../profile.ts";
import type { Status } from "../store/rows.ts";
import { agentHealthRoutes } from "./agent-health-routes.ts";
import { decodeObject } from "./decode.ts";
import { named } from "./health-routes.ts";
import { readFilter } from "./narrow.ts";
import { readWait } from "./query.ts";
import { ApiError, DONE, json, type Reply } from "./reply.ts";
import type { ApiRequest, Methods, Routes } from "./router.ts";
import { agentCheckShape, agentServiceShape } from "./shapes.ts";
import type { World } from "./world.ts";

/** `/v1/agent/*` and `/v1/status/*`. */
export function agentRoutes(world: World): Routes {
  const version = VERSIONS[world.profile];
  const tags = { acls: "0", build: `${version}:`, dc: world.datacenter, id: world.nodeId, role: "consul", segment: "" };
  const member = {
    Name: world.nodeName,
    Addr: "127.0.0.1",
    Port: 8301,
    Tags: tags,
    Status: 1,
    ProtocolMin: 1,
    ProtocolMax: 5,
    ProtocolCur: 2,
    DelegateMin: 2,
    DelegateMax: 5,
    DelegateCur: 4,
  };
  const config = {
    Datacenter: world.datacenter,
    NodeName: world.nodeName,
    NodeID: world.nodeId,
    Revision: "",
    Server: true,
    Version: version,
  };
  const modernOnly: Routes =
    world.profile === "1.8"
      ? {}
      : {
          "/v1/agent/version": {
            GET: () => json({ HumanVersion: version, SHA: "", BuildDate: "1970-01-01T00:00:00Z", FIPS: "" }),
          },
        };
  return {
    ...modernOnly,
    "/v1/agent/self": {
      GET: () =>
        json({
          Config: config,
          Coord: { Vec: Array(8).fill(0), Error: 1.5, Adjustment: 0, Height: 0.00001 },
          Member: member,
          Meta: { "consul-network-segment": "" },
        }),
    },
    "/v1/agent/members": { GET: () => json([member]) },
    "/v1/agent/services": {
      GET: ({ params }) => {
        const keep = readFilter(params, SERVICE_FIELDS);
        const rows = world.agent.services().map((row) => [row.ID, agentServiceShape(row)] as const);
        return json(Object.fromEntries(rows.filter(([, shape]) => keep(shape))));
      },
    },
    "/v1/agent/checks": {
      GET: ({ params }) => {
        const keep = readFilter(params, CHECK_FIELDS);
        const rows = world.agent.checks().map((row) => [row.CheckID, agentCheckShape(row)] as const);
        return json(Object.fromEntries(rows.filter(([, shape]) => keep(shape))));
      },
    },
    "/v1/agent/service/": { GET: (request) => oneService(world, request) },
    "/v1/agent/service/register": { PUT: (request) => register(world, request) },
    "/v1/agent/service/deregister/": put((request) => world.agent.deregister(named(request.rest, "service ID"))),
    "/v1/agent/service/maintenance/": put((request) => {
      const id = named(request.rest, "service ID");
      world.agent.maintain(readEnable(request), request.params.get("reason") ?? "", id);
    }),
    "/v1/agent/maintenance": put((request) =>
      world.agent.maintain(readEnable(request), request.params.get("reason") ?? ""),
    ),
    "/v1/agent/check/register": put((request) => {
      const check = readCheck(decodeObject(request.body), world.profile !== "1.8");
      if (check.name === "") throw new ApiError(400, "Missing check name");
      world.agent.addCheck({ ...check, id: check.id || check.name });
    }),
    "/v1/agent/check/deregister/": put((request) => world.agent.removeCheck(request.rest)),
    "/v1/agent/check/pass/": beat(world, "passing"),
    "/v1/agent/check/warn/": beat(world, "warning"),
    "/v1/agent/check/fail/": beat(world, "critical"),
    "/v1/agent/check/update/": put((request) => {
      const fields = decodeObject(request.body);
      const text = fields.string("Status");
      const output = fields.string("Output");
      fields.done();
      world.agent.beat(
        request.rest,
        readStatus(text, () => `Invalid check status: '${text}'`),
        output,
      );
    }),
    ...agentHealthRoutes(world),
    "/v1/status/leader": { GET: () => json("127.0.0.1:8300") },
    "/v1/status/peers": { GET: () => json(["127.0.0.1:8300"]) },
  };
}

function put(change: (request: ApiRequest) => void): Methods {
  return {
    PUT: (request) => {
      change(request);
      return DONE;
    },
  };
}

function beat(world: World, status: Status): Methods {
  return put((request) => world.agent.beat(request.rest, status, request.params.get("note") ?? ""));
}

function register(world: World, request: ApiRequest): Reply {
  const { agent, profile } = world;
  const registration = readRegistration(decodeObject(request.body), profile !== "1.8", (id) => agent.sidecarPort(id));
  agent.register(registration, request.params.has("replace-existing-checks"));
  return DONE;
}

function readEnable(request: ApiRequest): boolean {
  const text = request.params.get("enable") ?? "";
  if (text === "") throw new ApiError(400, "Missing value for enable");
  if (text !== "true" && text !== "false") throw new ApiError(400, `Invalid value for enable: "${text}"`);
  return text === "true";
}

// The agent's own view blocks on what the service says, not on an index.
async function oneService(world: World, request: ApiRequest): Promise<Reply> {
  const show = (): { readonly hash: string; readonly value: object } | undefined => {
    const row = world.agent.services().find((each) => each.ID === request.rest);
    if (row === undefined) return undefined;
    const value = agentServiceShape(row);
    return { hash: createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16), value };
  };
  const asked = request.params.get("hash");
  const waitMs = readWait(request.params);
  if (asked !== null && show()?.hash === asked) {
    const jitterMs = (world.random.unit() * waitMs) / 16;
    await world.ledger.wait({
      keys: ["services"],
      index: () => (show()?.hash === asked ? 0 : 1),
      sinceIndex: 0,
      ms: waitMs + jitterMs,
      signal: request.signal,
    });
  }
  const shown = show();
  if (shown === undefined) throw new ApiError(404, `unknown service ID: ${request.rest}`);
  return json({ ...shown.value, ContentHash: shown.hash }, { "X-Consul-ContentHash": shown.hash });
}
