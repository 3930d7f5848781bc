/** @import { Rates } from "./types.d.ts" */
import { byId } from "./dom.js";
import { fan } from "./fan.js";

/** The threads between sidecar, services and endpoints, drawn anew whenever a list moves. */
export function threads() {
  const toServices = fan(byId("fan-services"));
  const toEndpoints = fan(byId("fan-endpoints"));
  return {
    /**
     * @param {ReturnType<typeof import("./services.js").servicesList>} services
     * @param {ReturnType<typeof import("./endpoints.js").endpointsList>} endpoints
     * @param {string} service that is shown
     * @param {(id: string) => Rates} ratesOf an endpoint
     */
    draw(services, endpoints, service, ratesOf) {
      const place = byId("fan-services");
      if (place.clientWidth === 0) return;
      const rows = services.inSight().map(({ known, y }) => ({
        y,
        weight: known.rates.perSecond ?? 0,
        condition: known.condition,
        chosen: known.service.name === service,
      }));
      toServices.draw(rows.length === 0 ? undefined : place.clientHeight / 2, within("services", rows));
      const ends = endpoints.inSight().map(({ endpoint, condition, y }) => ({
        y,
        weight: ratesOf(endpoint.id).perSecond ?? 0,
        condition,
        chosen: false,
      }));
      const from = services.selectedY();
      const { top, head, bottom } = edges("services");
      toEndpoints.draw(
        from === undefined ? undefined : Math.max(top + head, Math.min(bottom, from + top)),
        within("endpoints", ends),
      );
    },
  };
}

/** Where a list begins and ends, in px from the top of the threads. @param {string} id */
function edges(id) {
  const list = byId(id).getBoundingClientRect();
  const { top } = byId("fan-services").getBoundingClientRect();
  return { top: list.top - top, head: byId(id).firstElementChild?.clientHeight ?? 0, bottom: list.bottom - top };
}

/**
 * Those that end within the list, as it is seen.
 *
 * @template {{ y: number; weight: number }} Row
 * @param {string} id
 * @param {readonly Row[]} rows
 */
function within(id, rows) {
  const { top, head, bottom } = edges(id);
  const most = Math.max(1e-9, ...rows.map(({ weight }) => weight));
  return rows
    .map((row) => ({ ...row, y: row.y + top, share: row.weight / most }))
    .filter(({ y }) => y > top + head - 4 && y < bottom + 4);
}
