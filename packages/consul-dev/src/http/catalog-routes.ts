import { readService } from "../agent/service-definition.ts";
import { readStatus } from "../agent/check-definition.ts";
import { CATALOG_SERVICE_FIELDS, NODE_FIELDS, SERVICE_FIELDS } from "../filter/fields.ts";
import type { CheckSpec, ServiceRow } from "../store/rows.ts";
import { decodeObject, type Fields } from "./decode.ts";
import { hasMeta, named, wanted } from "./health-routes.ts";
import { nearFirst, readFilter } from "./narrow.ts";
import { ApiError, json, type Reply } from "./reply.ts";
import type { ApiRequest, Routes } from "./router.ts";
import { catalogServiceShape, serviceShape } from "./shapes.ts";
import type { World } from "./world.ts";

/** `/v1/catalog/*`: the datacenter, also nodes without an agent. */
export function catalogRoutes(world: World): Routes {
  const { catalog, ledger } = world;
  return {
    "/v1/catalog/datacenters": { GET: () => json([world.datacenter]) },
    "/v1/catalog/nodes": {
      GET: (request) => {
        const { params } = request;
        const keep = readFilter(params, NODE_FIELDS);
        const answer = (): unknown =>
          nearFirst(
            world,
            params,
            catalog.nodes((node) => hasMeta(node, params)),
          ).filter(keep);
        return world.read(request, { keys: () => ["nodes"], answer });
      },
    },
    "/v1/catalog/services": {
      GET: (request) => {
        // Consul 1.8 takes no filter here, and does not say so.
        const keep = world.profile === "1.8" ? () => true : readFilter(request.params, CATALOG_SERVICE_FIELDS);
        return world.read(request, {
          keys: () => (request.params.has("node-meta") ? ["nodes", "services"] : ["services"]),
          answer: () => tagsByService(world, request.params, keep),
        });
      },
    },
    "/v1/catalog/service/": {
      GET: (request) => {
        const { params } = request;
        const name = named(request.rest, "service name");
        const keep = readFilter(params, CATALOG_SERVICE_FIELDS);
        const rows = (): readonly ServiceRow[] =>
          catalog.services((row) => row.Service === name && wanted(world, row, params));
        return world.read(request, {
          keys: () => catalog.serviceKeys(name),
          index: () => catalog.serviceIndex(name),
          answer: () =>
            nearFirst(world, params, rows())
              .flatMap((row) => shownIn(world, row))
              .filter(keep),
        });
      },
    },
    "/v1/catalog/node/": {
      GET: (request) => {
        const name = named(request.rest, "node name");
        const keep = readFilter(request.params, SERVICE_FIELDS);
        return world.read(request, {
          keys: () => ["nodes", "services"],
          index: () => (catalog.node(name) === undefined ? 0 : ledger.at("nodes", "services")),
          answer: () => {
            const node = catalog.node(name);
            if (node === undefined) return null;
            const rows = catalog
              .services((row) => row.Node === name)
              .map((row) => [row.ID, serviceShape(row, world.profile)] as const);
            return { Node: node, Services: Object.fromEntries(rows.filter(([, shape]) => keep(shape))) };
          },
        });
      },
    },
    "/v1/catalog/register": { PUT: (request) => register(world, request) },
    "/v1/catalog/deregister": { PUT: (request) => deregister(world, request) },
  };
}

function tagsByService(
  world: World,
  params: URLSearchParams,
  keep: (row: unknown) => boolean,
): Record<string, string[]> {
  const tags: Record<string, string[]> = {};
  for (const row of world.catalog.services((each) => wanted(world, each, params))) {
    if (!shownIn(world, row).some(keep)) continue;
    const known = (tags[row.Service] ??= []);
    for (const tag of row.Tags) if (!known.includes(tag)) known.push(tag);
  }
  return Object.fromEntries(Object.entries(tags).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function shownIn(world: World, row: ServiceRow): object[] {
  const node = world.catalog.node(row.Node);
  return node === undefined ? [] : [catalogServiceShape(row, node)];
}

function register(world: World, request: ApiRequest): Reply {
  const fields = decodeObject(request.body);
  const [name, address] = [fields.string("Node"), fields.string("Address")];
  const node = {
    ID: fields.string("ID"),
    Node: name,
    Address: address,
    Datacenter: world.datacenter,
    TaggedAddresses: fields.map("TaggedAddresses") ?? null,
    Meta: fields.map("NodeMeta") ?? null,
  };
  const skipNode = fields.bool("SkipNodeUpdate");
  const serviceBody = fields.object("Service");
  const service = serviceBody && readService(serviceBody, "Service");
  const one = fields.object("Check");
  const checks = [...(one ? [one] : []), ...fields.objects("Checks")].map((body) =>
    readCatalogCheck(body, world, name, service),
  );
  for (const ignored of ["Datacenter", "Namespace", "Partition"]) fields.raw(ignored);
  fields.done();
  if (name === "") throw new ApiError(500, "Must provide node");
  if (address === "" && !skipNode) throw new ApiError(500, "Must provide address if SkipNodeUpdate is not set");
  if (!skipNode) world.catalog.putNode(node);
  if (service !== undefined) world.catalog.putService(name, service);
  for (const check of checks) world.catalog.putCheck(name, check);
  return json(true);
}

function readCatalogCheck(
  fields: Fields,
  world: World,
  node: string,
  service: { readonly ID: string; readonly Service: string; readonly Tags: readonly string[] } | undefined,
): CheckSpec {
  const [id, name, serviceId] = [fields.string("CheckID"), fields.string("Name"), fields.string("ServiceID")];
  const owner =
    service?.ID === serviceId ? service : world.catalog.services((row) => row.Node === node && row.ID === serviceId)[0];
  const check = {
    CheckID: id || name,
    Name: name,
    Status: readStatus(fields.string("Status") || "critical", () => "Bad check status"),
    Notes: fields.string("Notes"),
    Output: fields.string("Output"),
    ServiceID: serviceId,
    ServiceName: owner?.Service ?? "",
    ServiceTags: owner?.Tags ?? [],
    Type: fields.string("Type"),
  };
  for (const ignored of ["Node", "ServiceName", "ServiceTags", "Definition", "Namespace"]) fields.raw(ignored);
  fields.done();
  return check;
}

function deregister(world: World, request: ApiRequest): Reply {
  const fields = decodeObject(request.body);
  const [node, serviceId, checkId] = [fields.string("Node"), fields.string("ServiceID"), fields.string("CheckID")];
  for (const ignored of ["Datacenter", "Namespace", "Partition", "Address"]) fields.raw(ignored);
  fields.done();
  if (node === "") throw new ApiError(500, "Must provide node");
  if (serviceId !== "") world.catalog.dropService(node, serviceId);
  else if (checkId !== "") world.catalog.dropCheck(node, checkId);
  else world.catalog.dropNode(node);
  return json(true);
}
