export { endpoint, authority, sameEndpoint } from "./endpoint.ts";
export type { Endpoint, Locality } from "./endpoint.ts";
export type { Discovery, Freshness, Membership, Watch } from "./membership.ts";
export type { Clock, Random, Time, Timer } from "./time.ts";
export { MeshError } from "./errors.ts";
export type { MeshErrorCode, MeshErrorDetails } from "./errors.ts";
export { meshEvents } from "./events.ts";
export type { Events, MeshEventName, MeshEvents, MeshListener, RetryDenial } from "./events.ts";
