import type * as Api from "@opentelemetry/api";
import { MeshError } from "@weft/core";

/** @throws MeshError BAD_CONFIG when `@opentelemetry/api` is not installed */
export async function loadApi(): Promise<typeof Api> {
  try {
    return await import("@opentelemetry/api");
  } catch (cause) {
    throw new MeshError("BAD_CONFIG", "telemetry needs the package @opentelemetry/api (1.9 or later): install it", {
      cause,
    });
  }
}
