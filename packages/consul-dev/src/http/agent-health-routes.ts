import { named } from "./health-routes.ts";
import type { Reply } from "./reply.ts";
import type { ApiRequest, Routes } from "./router.ts";
import { agentCheckShape, agentServiceShape, aggregate } from "./shapes.ts";
import type { World } from "./world.ts";

/** `/v1/agent/health/service/*`: the status code is the verdict, for load balancers that read nothing else. */
export function agentHealthRoutes(world: World): Routes {
  return {
    "/v1/agent/health/service/id/": { GET: (request) => healthById(world, request) },
    "/v1/agent/health/service/name/": { GET: (request) => healthByName(world, request) },
  };
}

const STATUS_OF = { passing: 200, warning: 429, critical: 503, maintenance: 503 } as const;

function judged(
  world: World,
  id: string,
): { readonly status: keyof typeof STATUS_OF; readonly value: object } | undefined {
  const row = world.agent.services().find((each) => each.ID === id);
  if (row === undefined) return undefined;
  const checks = world.agent.checks().filter((check) => check.ServiceID === "" || check.ServiceID === id);
  const status = aggregate(checks);
  return {
    status,
    value: { AggregatedStatus: status, Service: agentServiceShape(row), Checks: checks.map(agentCheckShape) },
  };
}

function healthById(world: World, request: ApiRequest): Reply {
  const found = judged(world, named(request.rest, "service id"));
  if (found === undefined)
    return verdict(request, 404, "critical", `ServiceId ${request.rest} not found`, {
      AggregatedStatus: "critical",
      Service: null,
      Checks: null,
    });
  return verdict(request, STATUS_OF[found.status], found.status, found.status, found.value);
}

function healthByName(world: World, request: ApiRequest): Reply {
  const name = named(request.rest, "service Name");
  const found = world.agent.services().flatMap((row) => (row.Service === name ? (judged(world, row.ID) ?? []) : []));
  if (found.length === 0) return verdict(request, 404, "critical", `ServiceName ${name} Not Found`, []);
  const order = ["maintenance", "critical", "warning", "passing"] as const;
  const worst = order.find((status) => found.some((each) => each.status === status)) ?? "passing";
  return verdict(
    request,
    STATUS_OF[worst],
    worst,
    worst,
    found.map(({ value }) => value),
  );
}

function verdict(request: ApiRequest, status: number, word: string, why: string, value: unknown): Reply {
  const text = request.params.get("format") === "text";
  return {
    status,
    headers: { "X-Consul-Reason": why },
    body: text ? { kind: "text", text: word } : { kind: "json", value },
  };
}
