// What is looked at. It stands in the address, so that a link shows somebody else the same.

/**
 * @typedef {object} View
 * @property {string} service whose endpoints are shown; empty: nobody has chosen
 * @property {string} find in the names of services
 * @property {"trouble" | "name" | "traffic"} order of the services
 * @property {boolean} out only endpoints that take no traffic
 * @property {string} like in the ids and addresses of endpoints
 * @property {boolean} all calls of all services, not only of the one that is shown
 * @property {boolean} failed only calls that failed
 * @property {string} call the call whose record is open, `service:number`; empty: none
 */

/** @type {View} */
const START = { service: "", find: "", order: "trouble", out: false, like: "", all: false, failed: false, call: "" };
/** @type {readonly View["order"][]} */
export const ORDERS = ["trouble", "name", "traffic"];

/** @param {string} search of the address @returns {View} */
export function readView(search) {
  const query = new URLSearchParams(search);
  const order = ORDERS.find((one) => one === query.get("order")) ?? START.order;
  const text = (/** @type {string} */ name) => (query.get(name) ?? "").slice(0, 500);
  return {
    service: text("service"),
    find: text("find"),
    order,
    out: query.has("out"),
    like: text("like"),
    all: query.has("all"),
    failed: query.has("failed"),
    call: text("call"),
  };
}

/** @param {View} view @returns {string} for the address; empty when everything is as at the start */
export function writeView(view) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(view)) {
    if (value === true) query.set(name, "");
    else if (typeof value === "string" && value !== "" && !(name === "order" && value === START.order))
      query.set(name, value);
  }
  const text = query.toString().replace(/=(?=&|$)/g, "");
  return text === "" ? "" : `?${text}`;
}
