/** @import { CallPage, EndpointPage, Overview } from "./types.d.ts" */
import { NoAnswer } from "./ask.js";

// Is it what the sidecar answers? Looked at as far as it takes to tell that from something else: whoever took its port,
// or another version. What a field holds is the sidecar's to get right.

/** @param {unknown} value @returns {Overview} @throws NoAnswer */
export function readOverview(value) {
  const known =
    has(value, ["atMs", "number"], ["process", "object"], ["policy", "object"]) &&
    has(value, ["latencyBoundsMs", "object"], ["answerBoundsMs", "object"]) &&
    each(value, "services", ["name", "string"], ["discovery", "object"], ["typicalMs", "number"]) &&
    each(value, "services", ["calls", "object"], ["connections", "object"], ["members", "object"]) &&
    each(value, "services", ["counted", "object"]) &&
    "services" in value &&
    Array.isArray(value.services) &&
    value.services.every(
      ({ counted }) =>
        has(counted, ["calls", "number"], ["ended", "number"]) && Array.isArray(Reflect.get(counted, "latency")),
    );
  if (!known) throw unreadable("overview");
  return /** @type {Overview} as far as was looked */ (value);
}

/** @param {unknown} value @returns {EndpointPage} @throws NoAnswer */
export function readEndpoints(value) {
  if (!has(value, ["matching", "number"]) || !each(value, "endpoints", ["id", "string"], ["why", "string"]))
    throw unreadable("services/NAME");
  return /** @type {EndpointPage} as far as was looked */ (value);
}

/** @param {unknown} value @returns {CallPage} @throws NoAnswer */
export function readCalls(value) {
  if (!has(value, ["newest", "number"]) || !each(value, "calls", ["seq", "number"], ["service", "string"]))
    throw unreadable("calls");
  return /** @type {CallPage} as far as was looked */ (value);
}

/** @param {string} route */
function unreadable(route) {
  return new NoAnswer(`what it says at /${route} is not what this page can read`);
}

/**
 * @param {unknown} value
 * @param {...readonly [name: string, type: string]} fields
 * @returns {value is object}
 */
function has(value, ...fields) {
  if (typeof value !== "object" || value === null) return false;
  return fields.every(([name, type]) => {
    const field = Reflect.get(value, name);
    return typeof field === type && field !== null;
  });
}

/**
 * @param {object} value
 * @param {string} name of a list
 * @param {...readonly [name: string, type: string]} fields of each of its members
 */
function each(value, name, ...fields) {
  const list = Reflect.get(value, name);
  return Array.isArray(list) && list.every((one) => has(one, ...fields));
}
