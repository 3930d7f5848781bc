import { addressText, type Policy, type SocketAddress } from "@weft/config";
import type { SidecarListener } from "@weft/sidecar";

/**
 * The variables by which an app in any language finds the sidecar next to it. Those that are set already are replaced,
 * but for `NO_PROXY`, which is added to, and `NODE_USE_ENV_PROXY`.
 *
 * @param listeners as they were opened, with the ports that were taken
 * @param env       what the app would have without a sidecar
 */
export function appEnvironment(
  { sidecar }: Policy,
  listeners: readonly SidecarListener[],
  env: Readonly<NodeJS.ProcessEnv>,
): NodeJS.ProcessEnv {
  const added: NodeJS.ProcessEnv = {};
  const address = (name: string, asked: SocketAddress | undefined): string | undefined =>
    asked === undefined
      ? undefined
      : reached(
          asked,
          listeners.find((listener) => listener.name === name),
        );
  const outbound = address("outbound", sidecar?.outbound?.listen);
  const admin = address("admin", sidecar?.admin?.listen);
  if (sidecar?.service !== undefined) added["WEFT_SERVICE"] = sidecar.service;
  if (sidecar?.inbound !== undefined) added["WEFT_APP"] = addressText(sidecar.inbound.app);
  if (admin !== undefined) added["WEFT_ADMIN"] = admin;
  for (const { name, service, listen } of sidecar?.tcp ?? []) {
    const tcp = address(name, listen);
    if (tcp !== undefined) added[`WEFT_TCP_${service.toUpperCase().replace(/\W/g, "_")}`] = tcp;
  }
  if (outbound === undefined || sidecar?.outbound === undefined) return { ...env, ...added };
  added["WEFT_OUTBOUND"] = outbound;
  // A proxy has a host and a port: nobody understands the path of a socket there.
  if (outbound.startsWith("unix:")) return { ...env, ...added };
  const proxied = ["HTTP_PROXY", "http_proxy"];
  // Of a call over TLS only the host is seen, which is none of ours: it goes this way only where it may go on.
  if (sidecar.outbound.unknown === "passthrough") proxied.push("HTTPS_PROXY", "https_proxy");
  const scheme = sidecar.outbound.tls === undefined ? "http" : "https";
  for (const name of proxied) added[name] = `${scheme}://${outbound}`;
  const direct = [env["NO_PROXY"] ?? env["no_proxy"] ?? "", ...LOOPBACK].filter((host) => host !== "").join(",");
  added["NO_PROXY"] = added["no_proxy"] = direct;
  return { NODE_USE_ENV_PROXY: "1", ...env, ...added };
}

/** In the spellings that curl, Python, Go, Java and Node compare with. */
const LOOPBACK = ["localhost", "127.0.0.1", "::1", "[::1]"];

/** Where the app reaches a listener: one on every address is on loopback too. */
function reached(asked: SocketAddress, listener: SidecarListener | undefined): string | undefined {
  if (listener === undefined) return undefined;
  if ("path" in asked) return addressText(asked);
  const port = Number(listener.address.slice(listener.address.lastIndexOf(":") + 1));
  const host = { "0.0.0.0": "127.0.0.1", "::": "::1" }[asked.host] ?? asked.host;
  return addressText({ host, port });
}
