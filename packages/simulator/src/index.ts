// What a scenario comes to.
export type { Clock } from "@weft/core";
