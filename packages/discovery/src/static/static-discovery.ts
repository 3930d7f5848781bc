import { MeshError } from "@weft/core";
import type { Clock, Discovery, Endpoint, Events } from "@weft/core";
import { parseEndpoints } from "../endpoint-spec.ts";
import type { EndpointSpec } from "../endpoint-spec.ts";
import { Feed } from "../feed.ts";
import { systemTime } from "../system-time.ts";

export interface StaticOptions {
  /** Default: the process's own clock. */
  readonly time?: Clock;
  /** Carries `discovery.freshness`. */
  readonly events?: Events;
}

/**
 * Endpoints written down in code or configuration. They are `live` from the start and never change.
 *
 *   staticDiscovery({ orders: ["10.0.0.1:80", { host: "10.0.0.2", port: 80, weight: 2 }] })
 *
 * A service that is not listed has an empty membership, at once.
 *
 * @throws MeshError BAD_CONFIG that lists every mistake, each with its path
 */
export function staticDiscovery(
  services: Readonly<Record<string, readonly EndpointSpec[]>>,
  options: StaticOptions = {},
): Discovery {
  const known = parseServices(services);
  const clock = options.time ?? systemTime;
  const feeds = new Map<string, Feed>();
  let closed = false;

  return {
    watch(service) {
      if (closed) throw new MeshError("CLOSED", "this discovery was closed", { service });
      let feed = feeds.get(service);
      if (feed === undefined) {
        feed = new Feed({ service, source: "static", clock, events: options.events });
        feed.learned(known.get(service) ?? []);
        feeds.set(service, feed);
      }
      return feed.watch();
    },
    close() {
      closed = true;
      for (const feed of feeds.values()) feed.close();
      return Promise.resolve();
    },
  };
}

function parseServices(services: Readonly<Record<string, readonly EndpointSpec[]>>): Map<string, readonly Endpoint[]> {
  const known = new Map<string, readonly Endpoint[]>();
  const mistakes: string[] = [];
  for (const [service, list] of Object.entries(services)) {
    const read = parseEndpoints(list, service);
    mistakes.push(...read.mistakes);
    known.set(service, read.endpoints);
  }
  if (mistakes.length > 0) throw new MeshError("BAD_CONFIG", `static endpoints: ${mistakes.join("; ")}`);
  return known;
}
