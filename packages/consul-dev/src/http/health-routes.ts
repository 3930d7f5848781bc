import { CHECK_FIELDS, HEALTH_FIELDS } from "../filter/fields.ts";
import type { CheckRow, NodeRow, ServiceRow } from "../store/rows.ts";
import type { Question } from "./blocking-reader.ts";
import { nearFirst, readFilter } from "./narrow.ts";
import { ApiError, type Reply } from "./reply.ts";
import type { ApiRequest, Routes } from "./router.ts";
import { checkShape, checksOf, serviceShape } from "./shapes.ts";
import type { World } from "./world.ts";

/** `/v1/health/*`. */
export function healthRoutes(world: World): Routes {
  const { catalog } = world;
  return {
    "/v1/health/service/": { GET: (request) => service(world, request) },
    "/v1/health/checks/": {
      GET: (request) => {
        const name = named(request.rest, "service name");
        const index = {
          keys: () => catalog.serviceKeys(name),
          index: () => catalog.serviceIndex(name),
        };
        return checks(world, request, index, (check) => check.ServiceName === name);
      },
    },
    "/v1/health/node/": {
      GET: (request) => {
        const name = named(request.rest, "node name");
        return checks(world, request, ANY_CHECK, (check) => check.Node === name);
      },
    },
    "/v1/health/state/": {
      GET: (request) => {
        const state = named(request.rest, "check state");
        return checks(world, request, ANY_CHECK, (check) => state === "any" || check.Status === state);
      },
    },
  };
}

const ANY_CHECK = { keys: () => ["checks"] } as const;

function service(world: World, request: ApiRequest): Promise<Reply> {
  const { catalog } = world;
  const { params } = request;
  const name = named(request.rest, "service name");
  const onlyPassing = readPassing(params);
  const keep = readFilter(params, HEALTH_FIELDS);
  const rows = (): readonly ServiceRow[] =>
    catalog.services((row) => row.Service === name && wanted(world, row, params));
  return world.read(request, {
    keys: () => catalog.serviceKeys(name),
    index: () => catalog.serviceIndex(name),
    answer: () =>
      nearFirst(world, params, rows())
        .map((row) => ({ row, checks: checksOf(catalog, row) }))
        .filter(({ checks: own }) => !onlyPassing || own.every((check) => check.Status === "passing"))
        .map(({ row, checks: own }) => ({
          Node: catalog.node(row.Node),
          Service: serviceShape(row, world.profile),
          Checks: own.map(checkShape),
        }))
        .filter(keep),
  });
}

function checks(
  world: World,
  request: ApiRequest,
  on: Pick<Question, "keys" | "index">,
  matches: (check: CheckRow) => boolean,
): Promise<Reply> {
  const keep = readFilter(request.params, CHECK_FIELDS);
  const answer = (): unknown =>
    nearFirst(world, request.params, world.catalog.checks(matches)).map(checkShape).filter(keep);
  return world.read(request, { ...on, answer });
}

/** @throws ApiError 400 when the rest of the path is empty */
export function named(rest: string, what: string): string {
  if (rest === "") throw new ApiError(400, `Missing ${what}`);
  return rest;
}

/** Whether a service has every tag asked for, in any case, and its node every `node-meta`. */
export function wanted(world: World, row: ServiceRow, params: URLSearchParams): boolean {
  const tags = row.Tags.map((tag) => tag.toLowerCase());
  return (
    params.getAll("tag").every((tag) => tag === "" || tags.includes(tag.toLowerCase())) &&
    hasMeta(world.catalog.node(row.Node), params)
  );
}

/** Whether a node has every `node-meta` asked for, each `key:value`. */
export function hasMeta(node: NodeRow | undefined, params: URLSearchParams): boolean {
  return params.getAll("node-meta").every((pair) => {
    const [key = "", ...value] = pair.split(":");
    return node?.Meta?.[key] === value.join(":");
  });
}

function readPassing(params: URLSearchParams): boolean {
  const text = params.get("passing");
  if (text === null) return false;
  if (["", "1", "t", "T", "TRUE", "true", "True"].includes(text)) return true;
  if (["0", "f", "F", "FALSE", "false", "False"].includes(text)) return false;
  throw new ApiError(400, "Invalid value for ?passing");
}
