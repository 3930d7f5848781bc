import type { ConversionConfig } from "@valibot/to-json-schema";

/** How a schema is put into the words of JSON Schema, so that both accept and refuse the same. */
export const IN_JSON_SCHEMA: ConversionConfig = {
  // A record is a pipe whose last schema says what it is.
  typeMode: "output",
  // Checks are code. What each says stands next to it in the words of JSON Schema, as metadata.
  ignoreActions: ["check"],
  overrideAction: ({ valibotAction, jsonSchema }) => {
    if (!isPattern(valibotAction) || jsonSchema.pattern === valibotAction.requirement.source) return undefined;
    return { ...jsonSchema, allOf: [...(jsonSchema.allOf ?? []), { pattern: valibotAction.requirement.source }] };
  },
};

function isPattern(action: object): action is { readonly requirement: RegExp } {
  return "requirement" in action && action.requirement instanceof RegExp;
}

/** `false` for what admits nothing, and no empty list of what is required. */
export function tidyJsonSchema(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(tidyJsonSchema);
  if (typeof part !== "object" || part === null) return part;
  const kept = Object.entries(part).filter(
    ([key, value]) => !(key === "required" && Array.isArray(value) && value.length === 0),
  );
  return Object.fromEntries(
    kept.map(([key, value]) => [
      key,
      key === "additionalProperties" && admitsNothing(value) ? false : tidyJsonSchema(value),
    ]),
  );
}

function admitsNothing(schema: unknown): boolean {
  return JSON.stringify(schema) === '{"not":{}}';
}
