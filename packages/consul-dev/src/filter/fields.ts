/** What a filter may select. Source: the `bexpr` tags in Consul's agent/structs, as 1.8.7 accepts and refuses them. */
export type Field =
  | { readonly kind: "string" | "int" | "bool" }
  | { readonly kind: "list" | "map"; readonly of: Field }
  | { readonly kind: "struct"; readonly fields: Readonly<Record<string, Field>> };

const STRING: Field = { kind: "string" };
const INT: Field = { kind: "int" };
const BOOL: Field = { kind: "bool" };
const STRINGS = listOf(STRING);
const TEXTS = mapOf(STRING);
const ADDRESSES = mapOf(struct({ Address: STRING, Port: INT }));
const WEIGHTS = struct({ Passing: INT, Warning: INT });
const CONNECT = struct({ Native: BOOL });
const MESH_GATEWAY = struct({ Mode: STRING });
const PROXY = struct({
  DestinationServiceName: STRING,
  DestinationServiceID: STRING,
  LocalServiceAddress: STRING,
  LocalServicePort: INT,
  Upstreams: listOf(
    struct({
      DestinationType: STRING,
      DestinationNamespace: STRING,
      DestinationName: STRING,
      Datacenter: STRING,
      LocalBindAddress: STRING,
      LocalBindPort: INT,
      MeshGateway: MESH_GATEWAY,
    }),
  ),
  MeshGateway: MESH_GATEWAY,
  Expose: struct({
    Checks: BOOL,
    Paths: listOf(struct({ ListenerPort: INT, Path: STRING, LocalPathPort: INT, Protocol: STRING })),
  }),
});

const NODE = { ID: STRING, Node: STRING, Address: STRING, Datacenter: STRING, TaggedAddresses: TEXTS };

/** A row of `/v1/catalog/nodes`. */
export const NODE_FIELDS: Field = struct({ ...NODE, Meta: TEXTS });

/** A service, as its agent and `/v1/catalog/node/:name` show it. */
export const SERVICE_FIELDS: Field = struct({
  Kind: STRING,
  ID: STRING,
  Service: STRING,
  Tags: STRINGS,
  Address: STRING,
  TaggedAddresses: ADDRESSES,
  Meta: TEXTS,
  Port: INT,
  Weights: WEIGHTS,
  EnableTagOverride: BOOL,
  Proxy: PROXY,
  Connect: CONNECT,
});

/** A check. */
export const CHECK_FIELDS: Field = struct({
  Node: STRING,
  CheckID: STRING,
  Name: STRING,
  Status: STRING,
  Notes: STRING,
  Output: STRING,
  ServiceID: STRING,
  ServiceName: STRING,
  ServiceTags: STRINGS,
  Type: STRING,
});

/** A row of `/v1/health/service/:name`. */
export const HEALTH_FIELDS: Field = struct({
  Node: NODE_FIELDS,
  Service: SERVICE_FIELDS,
  Checks: listOf(CHECK_FIELDS),
});

/** A row of `/v1/catalog/service/:name`. */
export const CATALOG_SERVICE_FIELDS: Field = struct({
  ...NODE,
  NodeMeta: TEXTS,
  ServiceKind: STRING,
  ServiceID: STRING,
  ServiceName: STRING,
  ServiceTags: STRINGS,
  ServiceAddress: STRING,
  ServiceTaggedAddresses: ADDRESSES,
  ServiceWeights: WEIGHTS,
  ServiceMeta: TEXTS,
  ServicePort: INT,
  ServiceEnableTagOverride: BOOL,
  ServiceProxy: PROXY,
  ServiceConnect: CONNECT,
});

function listOf(of: Field): Field {
  return { kind: "list", of };
}

function mapOf(of: Field): Field {
  return { kind: "map", of };
}

function struct(fields: Readonly<Record<string, Field>>): Field {
  return { kind: "struct", fields };
}
