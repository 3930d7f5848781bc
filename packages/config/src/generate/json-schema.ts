import { toJsonSchema } from "@valibot/to-json-schema";
import { IN_JSON_SCHEMA, tidyJsonSchema } from "../schema/in-json-schema.ts";
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
  const schema = toJsonSchema(policySchema, IN_JSON_SCHEMA);
  // The converter's type knows every keyword of every draft; the interface above has those that it wrote.
  return { ...(tidyJsonSchema(schema) as JsonSchema), title: "A policy of weft" };
}

/** The committed file, byte by byte. */
export function jsonSchemaText(): string {
  return `${JSON.stringify(jsonSchema(), undefined, 2)}\n`;
}
