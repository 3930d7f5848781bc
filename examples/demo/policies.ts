/** What web says to createMesh, as the policy file of the sidecar next to reports. */
export function reportsPolicy(consulUrl: string): object {
  return sidecarPolicy(consulUrl, { orders: SERVICE });
}

/**
 * The same for checkout, whose calls are gRPC. Each of those is a POST; that counting changes nothing is for the policy
 * to say, and only then a call whose endpoint has died meanwhile is repeated.
 */
export function checkoutPolicy(consulUrl: string): object {
  const retry = { ...SERVICE.retry, methods: ["POST"] };
  return sidecarPolicy(consulUrl, { stock: { ...SERVICE, protocol: "grpc", retry } });
}

const SERVICE = {
  timeout: { total: "10s", attempt: "2s" },
  retry: { maxRetries: 2 },
  outliers: { baseEjection: "2s", maxEjection: "4s" },
};

function sidecarPolicy(url: string, services: object): object {
  const listen = "127.0.0.1:0";
  return {
    version: 1,
    discovery: { consul: { url } },
    services,
    sidecar: { outbound: { listen }, admin: { listen } },
    telemetry: { accessLog: "json" },
  };
}
