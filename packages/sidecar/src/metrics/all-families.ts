import { CALL_FAMILIES } from "./call-families.ts";
import { ENDPOINT_FAMILIES } from "./endpoint-families.ts";
import { ENVOY_FAMILIES } from "./envoy-families.ts";
import type { Family } from "./family.ts";
import { HTTP2_FAMILIES } from "./http2-families.ts";
import { LISTENER_FAMILIES } from "./listener-families.ts";
import { PROCESS_FAMILIES } from "./process-families.ts";
import { RESILIENCE_FAMILIES } from "./resilience-families.ts";
import { SPAN_FAMILIES } from "./span-families.ts";

/** A part of the page and of the text. */
export interface FamilyGroup {
  readonly title: string;
  readonly families: readonly Family[];
}

/** Every number of the sidecar, in the order in which it is written. */
export const FAMILY_GROUPS: readonly FamilyGroup[] = [
  { title: "calls of a service", families: CALL_FAMILIES },
  { title: "resilience and discovery of a service", families: RESILIENCE_FAMILIES },
  { title: "a service, under Envoy's names", families: ENVOY_FAMILIES },
  { title: "endpoints", families: ENDPOINT_FAMILIES },
  { title: "listeners", families: LISTENER_FAMILIES },
  { title: "HTTP/2", families: HTTP2_FAMILIES },
  { title: "traces", families: SPAN_FAMILIES },
  { title: "the process", families: PROCESS_FAMILIES },
];

export const ALL_FAMILIES: readonly Family[] = FAMILY_GROUPS.flatMap(({ families }) => families);
