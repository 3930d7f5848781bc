/** Where the demo's parts find each other. */
export interface Places {
  readonly consulUrl: string;
  /** Where spans are sent; undefined: nowhere. */
  readonly otlpUrl: string | undefined;
}

/** What web says to createMesh, as the policy file of the sidecar next to reports. */
export function reportsPolicy(places: Places): object {
  return sidecarPolicy("reports", places, { orders: SERVICE });
}

/**
 * The same for checkout, whose calls are gRPC. Each of those is a POST; that counting changes nothing is for the policy
 * to say, and only then a call whose endpoint has died meanwhile is repeated.
 */
export function checkoutPolicy(places: Places): object {
  const retry = { ...SERVICE.retry, methods: ["POST"] };
  return sidecarPolicy("checkout", places, { stock: { ...SERVICE, protocol: "grpc", retry } });
}

const SERVICE = {
  timeout: { total: "10s", attempt: "2s" },
  retry: { maxRetries: 2 },
  outliers: { baseEjection: "2s", maxEjection: "4s" },
};

function sidecarPolicy(service: string, { consulUrl: url, otlpUrl }: Places, services: object): object {
  const listen = "127.0.0.1:0";
  return {
    version: 1,
    discovery: { consul: { url } },
    services,
    sidecar: { service, outbound: { listen }, admin: { listen } },
    telemetry: { accessLog: "json", ...(otlpUrl === undefined ? {} : { otlp: { url: otlpUrl } }) },
  };
}
