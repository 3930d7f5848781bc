import type { BuiltIn } from "./built-in.ts";

/** What both HTTP listeners allow their callers. */
const HTTP_LISTENER: Readonly<Record<string, BuiltIn>> = {
  "tls.minVersion": { value: "TLSv1.2", source: "Node" },
  underscores: { value: "drop", source: "nginx" },
  "limits.connections": { value: 16_384, source: "weft" },
  "limits.headBytes": { value: "16KiB", source: "Node" },
  "limits.fields": { value: 100, source: "Envoy" },
  // Of few connections that carry much, as those of a mesh are; RFC 9113 6.5.2 advises 100 or more.
  "limits.streams": { value: 250, source: "weft" },
  "limits.bodyRate": { value: "0B", source: "Envoy" },
  "timeouts.head": { value: "10s", source: "weft" },
  // Over the 60 s for which balancers in front keep connections, so that they close them and not we.
  "timeouts.idle": { value: "75s", source: "nginx" },
  // A caller that is busy with what it has got, and reads nothing meanwhile, is not to be taken for dead.
  "timeouts.keepAlive": { value: "5m", source: "weft" },
  "timeouts.body": { value: "5m", source: "Envoy" },
  "timeouts.tunnel": { value: "1h", source: "Envoy, for TCP" },
};

/**
 * The built-in default of every field of `sidecar`, by its path, as it would be written; those of a part that is not
 * there do not count. What depends on other parts of the policy is not here: `sidecar-fields.ts`.
 */
export const SIDECAR_BUILT_IN: Readonly<Record<string, BuiltIn>> = {
  ...under("sidecar.inbound", HTTP_LISTENER),
  "sidecar.inbound.protocol": { value: "auto", source: "weft" },
  "sidecar.inbound.reportLoad": { value: false, source: "weft" },
  "sidecar.inbound.limits.calls": { value: 1_024, source: "Envoy" },
  "sidecar.inbound.limits.adaptive": { value: "off", source: "weft" },
  "sidecar.inbound.timeouts.connect": { value: "1s", source: "Linkerd" },
  "sidecar.inbound.timeouts.total": { value: "0s", source: "weft" },
  ...under("sidecar.outbound", HTTP_LISTENER),
  "sidecar.outbound.unknown": { value: "refuse", source: "weft" },
  "sidecar.tcp[].limits.connections": { value: 16_384, source: "weft" },
  "sidecar.tcp[].timeouts.idle": { value: "1h", source: "Envoy" },
  "sidecar.tcp[].proxyProtocol.accept": { value: false, source: "weft" },
  "sidecar.tcp[].proxyProtocol.send": { value: "off", source: "weft" },
  "sidecar.admin.allowRemote": { value: false, source: "weft" },
  // With the time for propagation it stays under the 30 s after which Kubernetes kills.
  "sidecar.drain.grace": { value: "20s", source: "weft" },
  "sidecar.register.check.interval": { value: "5s", source: "weft" },
  "sidecar.register.check.timeout": { value: "2s", source: "weft" },
};

/** Of a health check that asks and is not told what. */
export const CHECK_PATH = "/healthz";
/** How long callers have to notice, where there is a registry that tells them. Source: Consul's blocking reads, with room. */
export const PROPAGATION = "5s";

function under(path: string, fields: Readonly<Record<string, BuiltIn>>): Readonly<Record<string, BuiltIn>> {
  return Object.fromEntries(Object.entries(fields).map(([field, builtIn]) => [`${path}.${field}`, builtIn]));
}
