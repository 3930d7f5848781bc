import type { ServiceRow } from "../store/rows.ts";
import { ApiError } from "./reply.ts";
import type { Routes } from "./router.ts";
import { checkShape, checksOf, serviceShape } from "./shapes.ts";
import type { World } from "./world.ts";

/** `/v1/health/*`. */
export function healthRoutes(world: World): Routes {
  const { catalog, ledger } = world;
  const checksIndex = (): number => ledger.at("checks");
  return {
    "/v1/health/service/": {
      GET: (request) => {
        const name = named(request.rest, "service name");
        const onlyPassing = readPassing(request.params);
        return world.read(request, {
          index: () => catalog.serviceIndex(name),
          answer: () =>
            catalog
              .services((row) => row.Service === name && wanted(world, row, request.params))
              .map((row) => ({ row, checks: checksOf(catalog, row) }))
              .filter(({ checks }) => !onlyPassing || checks.every((check) => check.Status === "passing"))
              .map(({ row, checks }) => ({
                Node: catalog.node(row.Node),
                Service: serviceShape(row),
                Checks: checks.map(checkShape),
              })),
        });
      },
    },
    "/v1/health/checks/": {
      GET: (request) => {
        const name = named(request.rest, "service name");
        return world.read(request, {
          index: () => catalog.serviceIndex(name),
          answer: () => catalog.checks((check) => check.ServiceName === name).map(checkShape),
        });
      },
    },
    "/v1/health/node/": {
      GET: (request) => {
        const name = named(request.rest, "node name");
        return world.read(request, {
          index: checksIndex,
          answer: () => catalog.checks((check) => check.Node === name).map(checkShape),
        });
      },
    },
    "/v1/health/state/": {
      GET: (request) => {
        const state = named(request.rest, "check state");
        return world.read(request, {
          index: checksIndex,
          answer: () => catalog.checks((check) => state === "any" || check.Status === state).map(checkShape),
        });
      },
    },
  };
}

/** @throws ApiError 400 when the rest of the path is empty */
export function named(rest: string, what: string): string {
  if (rest === "") throw new ApiError(400, `Missing ${what}`);
  return rest;
}

/** Whether a service has every tag asked for, in any case, and its node every `node-meta`. */
export function wanted(world: World, row: ServiceRow, params: URLSearchParams): boolean {
  const tags = row.Tags.map((tag) => tag.toLowerCase());
  const meta = world.catalog.node(row.Node)?.Meta ?? {};
  return (
    params.getAll("tag").every((tag) => tag === "" || tags.includes(tag.toLowerCase())) &&
    params.getAll("node-meta").every((pair) => {
      const [key = "", ...value] = pair.split(":");
      return meta[key] === value.join(":");
    })
  );
}

function readPassing(params: URLSearchParams): boolean {
  const text = params.get("passing");
  if (text === null) return false;
  if (["", "1", "t", "T", "TRUE", "true", "True"].includes(text)) return true;
  if (["0", "f", "F", "FALSE", "false", "False"].includes(text)) return false;
  throw new ApiError(400, "Invalid value for ?passing");
}
