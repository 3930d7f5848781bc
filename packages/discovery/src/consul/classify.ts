/**
 * What an answer that is not a 2xx, or no answer at all, means for a watch.
 *
 * `unreachable` is about the agent and shared by its watches; the others are about one watch.
 */
export type Trouble =
  /** No whole, readable answer came. */
  | { readonly kind: "unreachable"; readonly problem: string }
  /** The agent answers; the servers behind it do not. */
  | { readonly kind: "no-servers"; readonly problem: string }
  /** The token may not read this. A lagging follower says so for a moment about a good token, too. */
  | { readonly kind: "forbidden"; readonly problem: string }
  /** Answered with 200 and nothing, because the token may see nothing. */
  | { readonly kind: "filtered"; readonly problem: string }
  /** Too many connections or queries. `atLeastMs` is what the answer asks for, or 0. */
  | { readonly kind: "limited"; readonly problem: string; readonly atLeastMs: number; readonly connections: boolean }
  /** The query itself is wrong, or this Consul does not know it: only a person can change that. */
  | { readonly kind: "misconfigured"; readonly problem: string };

/**
 * @param status the answer's status, not 2xx
 * @param body its first characters
 * @param retryAfterMs what `Retry-After` asks for, or 0
 * Source: Consul agent/http.go, agent/consul/rpc.go, agent/agent.go; texts seen on 1.8.7 and read in 1.21.
 */
export function classify(status: number, body: string, retryAfterMs: number): Trouble {
  const said = `${status} ${body.trim().slice(0, 200)}`.trimEnd();
  if (status === 429) {
    const connections = /too many concurrent connections/i.test(body);
    return { kind: "limited", problem: said, atLeastMs: retryAfterMs, connections };
  }
  if (status === 503) return { kind: "limited", problem: said, atLeastMs: retryAfterMs, connections: false };
  if (status === 401 || status === 403 || /ACL not found|Permission denied|token does not exist/i.test(body)) {
    const blocked = /blocked by agent configuration/i.test(body);
    return { kind: blocked ? "misconfigured" : "forbidden", problem: said };
  }
  // A filter that names a field which does not exist is answered with 500, yet no server is to blame.
  if (status === 500 && /selector|failed to create boolean expression|bexpr/i.test(body)) {
    return { kind: "misconfigured", problem: said };
  }
  // Every Consul knows this path and redirects nobody: a proxy in front, which may just not have its routes yet.
  if (status === 404 || status < 400) return { kind: "unreachable", problem: `${said}: this is not Consul's` };
  if (status < 500 && status !== 408) return { kind: "misconfigured", problem: said };
  return { kind: "no-servers", problem: said };
}
