/**
 * The name of the service that an authority means: `orders`, `orders:80`, `orders.mesh` and `orders.service.consul` all
 * mean `orders`. The port of a logical name says nothing: the endpoints have ports of their own.
 *
 * @param authority as it stood in Host or in the target of the request
 * @returns in lower case; "" when the authority is an IP address or empty
 */
export function serviceName(authority: string): string {
  const host = hostOf(authority).toLowerCase();
  if (host === "" || host.startsWith("[") || /^\d+(\.\d+){3}$/.test(host)) return "";
  const consul = /^([^.]+)\.service(\.[^.]+)?\.consul\.?$/.exec(host);
  if (consul !== null) return consul[1] ?? "";
  return host.endsWith(".mesh") ? host.slice(0, -".mesh".length) : host;
}

/**
 * Whether a service of Consul may be called so: each name that is asked for there is a watch. One with dots is a host of
 * the network.
 */
export function mayBeConsuls(name: string): boolean {
  return /^[a-z0-9_-]+$/.test(name);
}

/** Whether it is a name that only Consul can mean. */
export function isConsulName(authority: string): boolean {
  return /\.service(\.[^.]+)?\.consul\.?$/i.test(hostOf(authority));
}

/** Without the port, which may be empty behind its colon. */
export function hostOf(authority: string): string {
  const colon = authority.lastIndexOf(":");
  return colon > authority.lastIndexOf("]") ? authority.slice(0, colon) : authority;
}
