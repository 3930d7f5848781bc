import type { Catalog } from "./catalog.ts";

/** Puts into the catalog what a server finds there when it has just become leader: its node, `consul`, `serfHealth`. */
export function joinSelf(catalog: Catalog, node: string, id: string, datacenter: string, version: string): void {
  const self = "127.0.0.1";
  catalog.putNode({
    ID: id,
    Node: node,
    Address: self,
    Datacenter: datacenter,
    TaggedAddresses: { lan: self, lan_ipv4: self, wan: self, wan_ipv4: self },
    Meta: { "consul-network-segment": "" },
  });
  catalog.putService(node, {
    ID: "consul",
    Service: "consul",
    Tags: [],
    Address: "",
    Meta: { version },
    Port: 8300,
    Weights: { Passing: 1, Warning: 1 },
    EnableTagOverride: false,
    Proxy: { MeshGateway: {}, Expose: {} },
    Connect: {},
  });
  catalog.putCheck(node, {
    CheckID: "serfHealth",
    Name: "Serf Health Status",
    Status: "passing",
    Notes: "",
    Output: "Agent alive and reachable",
    ServiceID: "",
    ServiceName: "",
    ServiceTags: [],
    Type: "",
  });
}
