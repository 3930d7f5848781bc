/** Where the generated things stand. */
export const SCHEMA_FILE: URL = new URL("../../schema/weft.schema.json", import.meta.url);
export const PAGE_FILE: URL = new URL("../../../../docs/configuration.md", import.meta.url);
