/*
 * Writes what is made from the schema: packages/config/schema/weft.schema.json, and the tables of
 * docs/configuration.md. A test says when they are out of date.
 *
 *   node --conditions=@weft/source src/generate/write.ts
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { jsonSchemaText } from "./json-schema.ts";
import { PAGE_FILE, SCHEMA_FILE } from "./files.ts";
import { withOptions } from "./options-page.ts";

await mkdir(new URL(".", SCHEMA_FILE), { recursive: true });
await writeFile(SCHEMA_FILE, jsonSchemaText());
await writeFile(PAGE_FILE, withOptions(await readFile(PAGE_FILE, "utf8")));
