import type { Importance } from "@weft/core";

/** How much it matters that a call gets through. @param field its `x-priority`; undefined: it has none */
export function importanceOf(field: string | undefined): Importance {
  return field === "critical" || field === "low" ? field : "normal";
}
