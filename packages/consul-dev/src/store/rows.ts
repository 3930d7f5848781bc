/** A check's judgement. */
export type Status = "passing" | "warning" | "critical";

/** Share of traffic of a service by its health. */
interface Weights {
  readonly Passing: number;
  readonly Warning: number;
}

/** A machine, named as Consul's JSON names it, as are all rows. */
export interface NodeRow {
  readonly ID: string;
  readonly Node: string;
  readonly Address: string;
  readonly Datacenter: string;
  readonly TaggedAddresses: Readonly<Record<string, string>> | null;
  readonly Meta: Readonly<Record<string, string>> | null;
  readonly CreateIndex: number;
  readonly ModifyIndex: number;
}

/** What a registration says of a service. */
export interface ServiceSpec {
  readonly Kind?: string;
  readonly ID: string;
  readonly Service: string;
  readonly Tags: readonly string[];
  readonly Address: string;
  readonly TaggedAddresses?: Readonly<Record<string, { readonly Address: string; readonly Port: number }>>;
  readonly Meta: Readonly<Record<string, string>> | null;
  readonly Port: number;
  readonly Weights: Weights;
  readonly EnableTagOverride: boolean;
  readonly Proxy: Readonly<Record<string, unknown>>;
  readonly Connect: Readonly<Record<string, unknown>>;
}

/** One service on one node. */
export interface ServiceRow extends ServiceSpec {
  readonly Node: string;
  readonly CreateIndex: number;
  readonly ModifyIndex: number;
}

/** What is known of a check. */
export interface CheckSpec {
  readonly CheckID: string;
  readonly Name: string;
  readonly Status: Status;
  readonly Notes: string;
  readonly Output: string;
  readonly ServiceID: string;
  readonly ServiceName: string;
  readonly ServiceTags: readonly string[];
  readonly Type: string;
}

/** One check on one node. */
export interface CheckRow extends CheckSpec {
  readonly Node: string;
  readonly CreateIndex: number;
  readonly ModifyIndex: number;
}
