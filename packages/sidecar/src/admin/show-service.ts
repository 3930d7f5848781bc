import {
  authority,
  type BreakerState,
  type Division,
  type Freshness,
  type NodeSnapshot,
  whyOut,
  zoneOf,
} from "@weft/core";
import type { ServiceView } from "./admin-view.ts";
import { countMembers, type Members } from "./count-members.ts";
import { ALL_ENDPOINTS, type EndpointPage, pageOf } from "./endpoint-page.ts";
import { rounded } from "./rounded.ts";

/** A service with its endpoints as `/services` shows it. Part of the API: docs/admin.md has every field. */
export interface ShownService extends ShownState {
  /** How many endpoints are what was asked for; `endpoints` may be a page of them. */
  readonly matching: number;
  readonly endpoints: readonly ShownEndpoint[];
}

/**
 * A service without its endpoints, as `/overview` shows it too. Part of the API: docs/admin.md has every field.
 *
 * Instants of the policy clock mean nothing outside the process: they are shown as lengths, in ms, from now.
 */
export interface ShownState {
  readonly name: string;
  readonly source: string;
  readonly discovery: { readonly state: Freshness["kind"]; readonly staleMs: number | null; readonly error?: string };
  readonly balancer: string;
  readonly typicalMs: number;
  readonly panic: boolean;
  readonly calls: { readonly running: number; readonly most: number };
  readonly connections: { readonly running: number; readonly most: number };
  /** Null: the service has none. */
  readonly breaker: { readonly state: BreakerState["kind"]; readonly nextTrialMs: number | null } | null;
  readonly retriesLeft: number | null;
  /** Under way, and how many may be; null: the service has none. */
  readonly retries: { readonly running: number; readonly most: number } | null;
  readonly members: Members;
  /** Which of the endpoints that the registry knows are used, and why, in words; null: all. */
  readonly subset: string | null;
  /** Why calls do not stay in their zone, in words; null: they do, or nobody asked for it. */
  readonly zonesOff: string | null;
  /** How picks divide among priorities and zones; empty: they do not. */
  readonly groups: readonly ShownGroup[];
}

interface ShownGroup {
  readonly priority: number;
  /** Null: of any zone. */
  readonly zone: string | null;
  /** Share of the picks, above 0 and up to 1. */
  readonly share: number;
  readonly panic: boolean;
  /** Why the own zone gives calls away that it has room for, in words; null: it does not. */
  readonly spill: string | null;
  /** How many take calls. */
  readonly endpoints: number;
}

interface ShownEndpoint {
  readonly id: string;
  readonly address: string;
  readonly weight: number;
  /** Part of the picks of it that it takes; the others are another caller's. */
  readonly part: number;
  readonly zone: string | null;
  readonly available: boolean;
  /** In words, empty when it is available. */
  readonly why: string;
  readonly registry: string;
  readonly activeCheck: string;
  /** Until its ejection ends; null: it is not ejected, or until it is restored. */
  readonly ejectedForMs: number | null;
  readonly latencyMs: number | null;
  readonly pending: number;
  readonly attempts: number;
  readonly failed: number;
  readonly failingRatio: number;
  readonly failuresInRow: number;
  /** By how long they took: one number for each bound of `/overview`, and one for what is above them all. */
  readonly answers?: readonly number[];
}

export function showService(view: ServiceView, asked: EndpointPage = ALL_ENDPOINTS): ShownService {
  const { matching, page } = pageOf(view.endpoints, asked);
  return {
    ...showState(view),
    matching,
    endpoints: page.map((node) => showEndpoint(node, view.atMs, asked.counted)),
  };
}

export function showState(view: ServiceView): ShownState {
  const { calls, connections, breaker, retriesLeft, retries, division, atMs } = view;
  return {
    name: view.service,
    source: view.source,
    discovery: discovery(view.freshness, atMs),
    balancer: view.balancer,
    typicalMs: rounded(view.typicalMs),
    panic: view.panic,
    calls: { running: calls.running, most: calls.most },
    connections: { running: connections.running, most: connections.most },
    breaker: breaker === undefined ? null : { state: breaker.kind, nextTrialMs: nextTrialMs(breaker, atMs) },
    retriesLeft: retriesLeft ?? null,
    retries: retries ?? null,
    members: countMembers(view.endpoints),
    subset: view.subset ?? null,
    zonesOff: division.zonesOff ?? null,
    groups: division.groups.map(showGroup),
  };
}

function showGroup({ priority, zone, share, panic, spill, endpoints }: Division["groups"][number]): ShownGroup {
  return { priority, zone: zone ?? null, share: rounded(share), panic, spill: spill ?? null, endpoints };
}

function showEndpoint(node: NodeSnapshot, atMs: number, counted: boolean): ShownEndpoint {
  const { endpoint, fitness, latencyMs } = node;
  return {
    id: endpoint.id,
    address: authority(endpoint.host, endpoint.port),
    weight: endpoint.weight,
    part: rounded(endpoint.part ?? 1),
    zone: zoneOf(endpoint) ?? null,
    available: node.available,
    why: whyOut(node, atMs),
    registry: endpoint.state,
    activeCheck: node.health.kind,
    ejectedForMs:
      fitness.kind === "ejected" && Number.isFinite(fitness.untilMs) ? lengthMs(atMs, fitness.untilMs) : null,
    latencyMs: latencyMs === undefined ? null : rounded(latencyMs),
    pending: node.pending,
    attempts: node.attempts,
    failed: node.failed,
    failingRatio: rounded(node.failures),
    failuresInRow: node.consecutiveFailures,
    ...(counted && { answers: [...node.answers.counts] }),
  };
}

function discovery(freshness: Freshness, atMs: number): ShownService["discovery"] {
  const { kind } = freshness;
  switch (kind) {
    case "live":
      return { state: kind, staleMs: 0 };
    case "stale":
      return { state: kind, staleMs: lengthMs(freshness.sinceMs, atMs), error: freshness.error };
    case "pending":
      return { state: kind, staleMs: null, ...errorOf(freshness.error) };
    case "snapshot":
      return { state: kind, staleMs: rounded(freshness.ageMs), ...errorOf(freshness.error) };
    default:
      return kind satisfies never;
  }
}

function errorOf(error: string | undefined): { readonly error?: string } {
  return error === undefined ? {} : { error };
}

function nextTrialMs(breaker: BreakerState, atMs: number): number | null {
  return breaker.kind === "open" ? lengthMs(atMs, breaker.untilMs) : null;
}

function lengthMs(fromMs: number, toMs: number): number {
  return rounded(Math.max(0, toMs - fromMs));
}
