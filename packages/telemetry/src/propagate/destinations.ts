import { BlockList, isIP } from "node:net";

/** To which hosts a trace is carried. Names in lower case, addresses without brackets. */
export type Destinations = (host: string) => boolean;

/**
 * Hosts by their names: `private`, `*`, `orders.example.com`, `*.example.com` (whatever stands in front).
 *
 * A trace, and baggage still more, tells of the inside of a company. `private` are hosts that are nobody else's:
 * addresses of loopback and of private networks, names without a dot, and names that no public DNS has.
 *
 * @param text names with commas between them; "" is `private`
 * @throws Error that names what is no name of a host
 */
export function destinations(text: string): Destinations {
  const wanted = text === "" ? ["private"] : text.split(",").map((name) => name.trim().toLowerCase());
  const wrong = wanted.find((name) => !PATTERN.test(name) && isIP(name) === 0);
  if (wrong !== undefined) throw new Error(`"${wrong}" is not private, *, the name of a host, or *.SUFFIX`);
  const names = new Set(wanted);
  const suffixes = wanted.filter((name) => name.startsWith("*.")).map((name) => name.slice(1));
  return remembering((host) => {
    if (names.has("*") || names.has(host) || suffixes.some((suffix) => host.endsWith(suffix))) return true;
    return names.has("private") && isPrivate(host);
  });
}

/**
 * For whom a request is.
 *
 * @param path the whole URL when a proxy passes it on
 * @param host to whom it is sent
 */
export function targetHost(path: string, host: string): string {
  const url = path.startsWith("/") ? null : URL.parse(path);
  const name = (url?.hostname ?? host).toLowerCase();
  return name.startsWith("[") ? name.slice(1, -1) : name;
}

const PATTERN = /^(\*|(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*)$/;

/** As many hosts as a process usually calls; with more of them it begins anew. */
const MOST_REMEMBERED = 1_000;

function remembering(judge: Destinations): Destinations {
  const known = new Map<string, boolean>();
  return (host) => {
    const before = known.get(host);
    if (before !== undefined) return before;
    if (known.size >= MOST_REMEMBERED) known.clear();
    const judged = judge(host);
    known.set(host, judged);
    return judged;
  };
}

/** Source: RFC 6761, 6762, 8375; `.internal` is set aside by ICANN; `.mesh` and `.consul` name services. */
const PRIVATE_ENDS = [".localhost", ".local", ".internal", ".home.arpa", ".lan", ".svc", ".mesh", ".consul"];

/** Source: RFC 1918, 6598 and 4193, and loopback. */
const PRIVATE_NETWORKS = new BlockList();
PRIVATE_NETWORKS.addSubnet("127.0.0.0", 8);
PRIVATE_NETWORKS.addSubnet("10.0.0.0", 8);
PRIVATE_NETWORKS.addSubnet("172.16.0.0", 12);
PRIVATE_NETWORKS.addSubnet("192.168.0.0", 16);
PRIVATE_NETWORKS.addSubnet("100.64.0.0", 10);
PRIVATE_NETWORKS.addAddress("::1", "ipv6");
PRIVATE_NETWORKS.addSubnet("fc00::", 7, "ipv6");

function isPrivate(host: string): boolean {
  const family = isIP(host);
  if (family !== 0) return PRIVATE_NETWORKS.check(host, family === 6 ? "ipv6" : "ipv4");
  return !host.includes(".") || PRIVATE_ENDS.some((end) => host.endsWith(end));
}
