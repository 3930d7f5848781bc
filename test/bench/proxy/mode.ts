/**
 * How a proxy is set up: HTTP/1.1 requests, HTTP/1.1 with tunnels for `Upgrade`, bytes of TCP; HTTP/2 in cleartext both
 * ways, or one version from callers and the other one to endpoints.
 */
export type Mode = "http" | "upgrade" | "tcp" | "http2" | "http1-to-http2" | "http2-to-http1";

/** Every mode, for proxies that can do all of it. */
export const MODES: readonly Mode[] = ["http", "upgrade", "tcp", "http2", "http1-to-http2", "http2-to-http1"];

/** Whether callers speak HTTP/2. */
export function takesHttp2(mode: Mode): boolean {
  return mode === "http2" || mode === "http2-to-http1";
}

/** Whether endpoints do. */
export function sendsHttp2(mode: Mode): boolean {
  return mode === "http2" || mode === "http1-to-http2";
}
