import { toJsonSchema } from "@valibot/to-json-schema";
import { policySchema } from "../schema/policy-schema.ts";

/** As much of a JSON Schema, draft 7, as a policy's is made of. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | false;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
}

/**
 * The form of a policy as JSON Schema. It accepts and refuses what `policySchema` does; a test runs one table through
 * both. What contradicts what it cannot say: `checkPolicy` does.
 */
export function jsonSchema(): JsonSchema {
  const schema = toJsonSchema(policySchema, {
    // A record is a pipe whose last schema says what it is.
    typeMode: "output",
    // Checks are code. What each says stands next to it in the words of JSON Schema, as metadata.
    ignoreActions: ["check"],
    overrideAction: ({ valibotAction, jsonSchema }) => {
      if (!isPattern(valibotAction) || jsonSchema.pattern === valibotAction.requirement.source) return undefined;
      return { ...jsonSchema, allOf: [...(jsonSchema.allOf ?? []), { pattern: valibotAction.requirement.source }] };
    },
  });
  // The converter's type knows every keyword of every draft; the interface above has those that it wrote.
  return { ...(tidy(schema) as JsonSchema), title: "A policy of weft" };
}

/** The committed file, byte by byte. */
export function jsonSchemaText(): string {
  return `${JSON.stringify(jsonSchema(), undefined, 2)}\n`;
}

function isPattern(action: object): action is { readonly requirement: RegExp } {
  return "requirement" in action && action.requirement instanceof RegExp;
}

/** `false` for what admits nothing, and no empty list of what is required. */
function tidy(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(tidy);
  if (typeof part !== "object" || part === null) return part;
  const kept = Object.entries(part).filter(
    ([key, value]) => !(key === "required" && Array.isArray(value) && value.length === 0),
  );
  return Object.fromEntries(
    kept.map(([key, value]) => [key, key === "additionalProperties" && admitsNothing(value) ? false : tidy(value)]),
  );
}

function admitsNothing(schema: unknown): boolean {
  return JSON.stringify(schema) === '{"not":{}}';
}
