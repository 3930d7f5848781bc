import type { Aim } from "./scenario.ts";

/** At most so many times HAProxy's. */
export function timesHaproxy(figure: string, value: number): Aim {
  return { figure, kind: "at most", value, timesOf: "haproxy" };
}

/** At most so many times Envoy's. */
export function timesEnvoy(figure: string, value: number): Aim {
  return { figure, kind: "at most", value, timesOf: "envoy" };
}
