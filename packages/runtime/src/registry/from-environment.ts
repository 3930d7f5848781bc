import type { FromEnvironment } from "@weft/config";

/** The text itself, or what its variable holds; undefined when that is not set, or empty. */
export function fromEnvironment(text: FromEnvironment): string | undefined {
  return (typeof text === "string" ? text : process.env[text.env]) || undefined;
}
