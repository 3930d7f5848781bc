import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { toJsonSchema } from "@valibot/to-json-schema";
import { IN_JSON_SCHEMA, tidyJsonSchema } from "@weft/config/forms";
import { expect, test } from "vitest";
import { scenarioSchema } from "./scenario-schema.ts";

const PAGE = new URL("../../../../docs/simulate.md", import.meta.url);

/** A service's block stands in the schema of policies, and changes there. Packages lie side by side, also installed. */
const SERVICE = "../../config/schema/weft.schema.json#/properties/services/additionalProperties";
/** What stands beside the fields of such a block in an entry of `compare`. */
const COMPARED = ["name", "policy", "rule"];

function jsonSchema(): object {
  const schema = tidyJsonSchema(toJsonSchema(scenarioSchema, IN_JSON_SCHEMA));
  const text = JSON.stringify(schema, (key, part: unknown) => {
    return key === "policy" ? { description: (part as Node).description, $ref: SERVICE } : part; // every `policy` is a block
  });
  const written = JSON.parse(text) as Node; // of a record, as all of ours
  const compared = written.properties!["compare"]!.items!.properties!;
  for (const key of Object.keys(compared)) {
    if (!COMPARED.includes(key)) compared[key] = { $ref: `${SERVICE}/properties/${key}` };
  }
  return { ...written, title: "A scenario of weft" };
}

test("the JSON Schema is what the schema gives; `vitest run packages/simulator -u` writes it", async () => {
  const file = fileURLToPath(new URL("../../schema/scenario.schema.json", import.meta.url));
  await expect(`${JSON.stringify(jsonSchema(), undefined, 2)}\n`).toMatchFileSnapshot(file);
});

test("every key and every effect stands on the page", () => {
  const page = readFileSync(PAGE, "utf8");
  const schema = jsonSchema() as { readonly properties: Readonly<Record<string, Node>> }; // a record's, as all of ours
  const events = schema.properties["events"]!.items!.properties!;
  const effects = Object.keys(events).filter((key) => !["at", "until", "endpoint"].includes(key));
  for (const key of [...Object.keys(schema.properties), ...effects]) expect(page).toContain(`| \`${key}\` |`);
});

/** As much of a JSON Schema as is looked at here. */
interface Node {
  readonly description?: string;
  readonly items?: Node;
  readonly properties?: Record<string, Node>;
  readonly $ref?: string;
}
