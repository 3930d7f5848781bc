import type { Picker } from "@weft/core";
import type { RuleName } from "../scenario/scenario.ts";
import { envoyLeastRequest } from "./envoy-least-request.ts";
import { type ObservingPicker, finaglePeakEwma } from "./finagle-peak-ewma.ts";

/** A picker of its own for one client, by another mesh's rule. */
export function ruleOf(name: RuleName): Picker | ObservingPicker {
  switch (name) {
    case "finagle-peak-ewma":
      return finaglePeakEwma();
    case "envoy-least-request":
      return envoyLeastRequest();
    default:
      return name satisfies never;
  }
}
