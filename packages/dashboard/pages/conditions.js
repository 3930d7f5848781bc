/** @import { Endpoint, Rates, Service } from "./types.d.ts" */
/** @import { Condition } from "./dom.js" */
import { about, percent, plural } from "./format.js";

/**
 * How a service is, and in words why. The first word weighs most.
 *
 * @param {Service} service
 * @param {Rates} rates
 * @param {number} ageMs of what is known
 * @returns {{ condition: Condition; words: readonly string[] }}
 */
export function serviceCondition(service, rates, ageMs) {
  const { members, breaker, discovery, calls, connections, retriesLeft, panic } = service;
  /** @type {string[]} */
  const down = [];
  /** @type {string[]} */
  const trouble = [];
  if (members.total === 0) down.push(discovery.state === "pending" ? "endpoints not known yet" : "no endpoints");
  else if (members.available === 0) down.push("no endpoint takes traffic");
  if (breaker?.state === "open") down.push("circuit open");
  if (breaker?.state === "half-open") trouble.push("circuit half-open");
  if (members.ejected > 0) trouble.push(`${members.ejected} ejected`);
  if (members.trial > 0) trouble.push(`${members.trial} on trial`);
  if (members.unhealthy > 0) trouble.push(`${members.unhealthy} unhealthy`);
  if (members.failing > 0) trouble.push(`${members.failing} failing`);
  if (panic) trouble.push("checks ignored");
  if (discovery.state === "stale" || discovery.state === "snapshot")
    trouble.push(`stale ${about((discovery.staleMs ?? 0) + ageMs)}`);
  if (failsOften(rates)) trouble.push(`${percent(1 - (rates.successRatio ?? 1))} % fail`);
  if (nearlyFull(calls)) trouble.push(`${plural(calls.running, "call")} of ${calls.most}`);
  if (nearlyFull(connections)) trouble.push(`${plural(connections.running, "connection")} of ${connections.most}`);
  if (retriesLeft !== null && retriesLeft < 1) trouble.push("retry budget spent");
  const words = [...down, ...trouble];
  if (down.length > 0) return { condition: "down", words };
  if (trouble.length > 0) return { condition: "trouble", words };
  return { condition: rates.perSecond === 0 ? "idle" : "well", words };
}

/** More than one of a hundred. @param {Rates} rates */
export function failsOften({ successRatio }) {
  return successRatio !== undefined && successRatio < 0.99;
}

/** @param {{ running: number; most: number }} limit */
function nearlyFull({ running, most }) {
  return running >= 0.9 * most;
}

/**
 * How an endpoint is, in one word besides.
 *
 * @param {Endpoint} endpoint
 * @param {Rates} rates
 * @returns {{ condition: Condition; word: string }}
 */
export function endpointCondition({ available, why, registry, activeCheck, ejectedForMs, attempts }, rates) {
  if (available && attempts === 0) return { condition: "idle", word: "unused" };
  if (available)
    return failsOften(rates)
      ? { condition: "trouble", word: "fails often" }
      : { condition: "well", word: "takes traffic" };
  if (ejectedForMs !== null || why.includes("is ejected")) return { condition: "down", word: "ejected" };
  if (why.includes("on trial")) return { condition: "trial", word: "on trial" };
  if (registry === "draining") return { condition: "idle", word: "draining" };
  return { condition: "down", word: activeCheck === "unhealthy" ? "unhealthy" : "failing checks" };
}

/** What matters most first. @type {Readonly<Record<Condition, number>>} */
export const WEIGHT = { down: 0, trial: 1, trouble: 1, well: 2, idle: 3 };
