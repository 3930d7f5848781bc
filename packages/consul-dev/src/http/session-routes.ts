import type { Sessions } from "../store/sessions.ts";
import { decodeObject } from "./decode.ts";
import { formatDuration } from "./duration.ts";
import { ApiError, json, NO_LEADER, type Reply } from "./reply.ts";
import type { ApiRequest, Routes } from "./router.ts";
import type { World } from "./world.ts";

const DEFAULT_LOCK_DELAY_MS = 15_000;
const SHORTEST_TTL_MS = 10_000;
const LONGEST_TTL_MS = 86_400_000;

/** `/v1/session/*`. */
export function sessionRoutes(world: World, sessions: Sessions): Routes {
  const keys = (): readonly string[] => ["sessions"];
  return {
    "/v1/session/create": { PUT: (request) => create(world, sessions, request) },
    "/v1/session/destroy/": {
      PUT: (request) => {
        sessions.destroy(request.rest);
        return json(true);
      },
    },
    "/v1/session/renew/": {
      PUT: (request) => {
        const row = sessions.renew(request.rest);
        if (row === undefined) throw new ApiError(404, `Session id '${request.rest}' not found`);
        return json([row]);
      },
    },
    "/v1/session/info/": {
      GET: (request) => {
        if (request.rest.length !== 36)
          throw new ApiError(500, "failed session lookup: index error: UUID must be 36 characters", NO_LEADER);
        return world.read(request, { keys, answer: () => sessions.list().filter((row) => row.ID === request.rest) });
      },
    },
    "/v1/session/list": { GET: (request) => world.read(request, { keys, answer: () => sessions.list() }) },
    "/v1/session/node/": {
      GET: (request) =>
        world.read(request, { keys, answer: () => sessions.list().filter((row) => row.Node === request.rest) }),
    },
  };
}

function create(world: World, sessions: Sessions, request: ApiRequest): Reply {
  const fields = decodeObject(request.body.length === 0 ? Buffer.from("{}") : request.body);
  const [name, node, behaviour] = [
    fields.string("Name"),
    fields.string("Node"),
    fields.string("Behavior") || "release",
  ];
  const lockDelayMs = fields.durationMs("LockDelay") ?? DEFAULT_LOCK_DELAY_MS;
  const ttlMs = fields.durationMs("TTL") ?? 0;
  const checks = fields.strings("NodeChecks") ?? fields.strings("Checks") ?? ["serfHealth"];
  for (const ignored of ["ServiceChecks", "Datacenter", "Namespace"]) fields.raw(ignored);
  fields.done();
  if (behaviour !== "release" && behaviour !== "delete")
    throw new ApiError(500, `Invalid Behavior setting '${behaviour}'`);
  if (ttlMs !== 0 && (ttlMs < SHORTEST_TTL_MS || ttlMs > LONGEST_TTL_MS)) {
    throw new ApiError(500, `Invalid Session TTL '${ttlMs * 1e6}', must be between [10s=24h0m0s]`);
  }
  const spec = {
    Name: name,
    Node: node || world.nodeName,
    LockDelay: lockDelayMs * 1e6,
    Behavior: behaviour,
    TTL: ttlMs === 0 ? "" : formatDuration(ttlMs),
    NodeChecks: checks,
  } as const;
  return json({ ID: sessions.create(spec, ttlMs) });
}
