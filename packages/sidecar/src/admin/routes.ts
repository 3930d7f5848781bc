import type { ActionResult, AdminView } from "./admin-view.ts";
import { type AdminRequest, decodeSegment, duration, needed } from "./admin-query.ts";
import { dashboardReply } from "./dashboard-reply.ts";
import { endpointPage } from "./endpoint-page.ts";
import { dense, json, Problem, type Reply, text } from "./reply.ts";
import { showConfig } from "./show-config.ts";
import { showCalls } from "./show-calls.ts";
import { showExplanation } from "./show-explanation.ts";
import { showOverview } from "./show-overview.ts";
import { showService } from "./show-service.ts";
import { unknownService } from "./unknown-service.ts";

/** One thing that can be asked or done. */
export interface Route {
  readonly method: "GET" | "POST";
  /** `/services/NAME` stands for each name, `/dashboard/` for each file below it. */
  readonly path: string;
  readonly about: string;
  answer(request: AdminRequest, view: AdminView): Reply;
}

/** In the order that `GET /` lists them. */
export const ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: "/",
    about: "this list",
    answer: () =>
      text(ROUTES.map(({ method, path, about }) => `${method.padEnd(4)} ${path.padEnd(16)} ${about}\n`).join("")),
  },
  { method: "GET", path: "/live", about: "200 while the process answers", answer: () => json({ live: true }) },
  { method: "GET", path: "/ready", about: "200 when traffic may come, 503 with the reasons until then", answer: ready },
  {
    method: "GET",
    path: "/services",
    about: "every service with its endpoints: state, measured values, staleness",
    answer: (_, view) => json({ services: view.services().map((service) => showService(service)) }),
  },
  {
    method: "GET",
    path: "/services/NAME",
    about: "[?offset=0&limit=50] [&out] [&like=TEXT]: one of them, with all of its endpoints or some",
    answer: oneService,
  },
  {
    method: "GET",
    path: "/overview",
    about: "every service without its endpoints, and what was counted",
    answer: (_, view) => dense(showOverview(view)),
  },
  {
    method: "GET",
    path: "/explain",
    about: "?trace=ID | ?service=NAME [&call=N] [&last=20] [&failed] | ?failed: why it was decided so; [&format=json]",
    answer: showExplanation,
  },
  {
    method: "GET",
    path: "/calls",
    about: "[?last=100] [&since=SEQ] [&service=NAME] [&failed]: the calls that ended last",
    answer: showCalls,
  },
  {
    method: "GET",
    path: "/config",
    about: "the policy in force: each value with its origin, secrets hidden",
    answer: (_, view) => json(showConfig(view.config())),
  },
  {
    method: "GET",
    path: "/metrics",
    about: "numbers in the text format of Prometheus",
    answer: (_, view) => ({ status: 200, type: "text/plain; version=0.0.4; charset=utf-8", body: view.metrics() }),
  },
  { method: "GET", path: "/dashboard/", about: "the same for people, in a browser", answer: dashboardReply },
  {
    method: "POST",
    path: "/eject",
    about: "?service=NAME&endpoint=ID&for=10s: takes an endpoint out of traffic",
    answer: (request, view) => {
      const { query } = request;
      const forMs = duration(query, "for");
      return acted(request, view, (service, endpoint) => view.eject(service, endpoint, forMs));
    },
  },
  {
    method: "POST",
    path: "/restore",
    about: "?service=NAME&endpoint=ID: gives it its traffic back",
    answer: (request, view) => acted(request, view, (service, endpoint) => view.restore(service, endpoint)),
  },
  {
    method: "POST",
    path: "/drain",
    about: "takes no new work, finishes what runs, then ends the process",
    answer: (_, view) => {
      view.drain();
      return json({ draining: true }, 202);
    },
  },
];

/**
 * Answers a request.
 *
 * @throws Problem for what cannot be answered
 */
export function answer(request: AdminRequest, view: AdminView): Reply {
  const { method, path } = request;
  const here = ROUTES.filter((route) => route.path === path || isBelow(route.path, path));
  if (here.length === 0) throw new Problem(404, `there is no ${path.slice(0, 100)}; GET / lists what there is`);
  const route = here.find((one) => one.method === method || (one.method === "GET" && method === "HEAD"));
  if (route !== undefined) return route.answer(request, view);
  const allow = here.map((one) => (one.method === "GET" ? "GET, HEAD" : one.method)).join(", ");
  throw new Problem(405, `${path} takes ${allow}`, { Allow: allow });
}

function isBelow(route: string, path: string): boolean {
  if (route === "/services/NAME") return /^\/services\/[^/]+$/.test(path);
  return route === "/dashboard/" && /^\/dashboard(\/|$)/.test(path);
}

function ready(_: AdminRequest, view: AdminView): Reply {
  const readiness = view.readiness();
  switch (readiness.kind) {
    case "ready":
      return json({ ready: true, state: "ready", reasons: [] });
    case "starting":
      return json({ ready: false, state: "starting", reasons: readiness.reasons }, 503);
    case "draining":
      return json({ ready: false, state: "draining", reasons: ["draining: no new work is taken"] }, 503);
    default:
      return readiness satisfies never;
  }
}

function oneService({ path, query }: AdminRequest, view: AdminView): Reply {
  const name = decodeSegment(path.slice("/services/".length));
  const service = view.service(name);
  if (service === undefined) throw unknownService(name, view);
  return json(showService(service, endpointPage(query)));
}

function acted(
  { query }: AdminRequest,
  view: AdminView,
  act: (service: string, endpoint: string) => ActionResult,
): Reply {
  const name = needed(query, "service");
  const endpoint = needed(query, "endpoint");
  const result = act(name, endpoint);
  const service = view.service(name);
  if (result === "no-such-service" || service === undefined) throw unknownService(name, view);
  if (result === "no-such-endpoint") {
    const known = service.endpoints.map((node) => node.endpoint.id);
    const list = known.length === 0 ? "none" : known.slice(0, 20).join(", ");
    throw new Problem(404, `service ${name}: there is no endpoint "${endpoint.slice(0, 100)}"; known: ${list}`);
  }
  const shown = showService(service);
  return json(shown.endpoints.find(({ id }) => id === endpoint) ?? {});
}
