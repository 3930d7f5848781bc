import { BUILT_IN, type BuiltIn, CONSUL_URL, PARTS } from "../resolve/built-in.ts";
import { type Use, useOf, useOfValue } from "../resolve/not-used-yet.ts";
import { SIDECAR_BUILT_IN } from "../resolve/sidecar-built-in.ts";
import { TELEMETRY_BUILT_IN } from "../resolve/telemetry-built-in.ts";
import { type JsonSchema, jsonSchema } from "./json-schema.ts";

const START = "<!-- Options: generated from the schema by `pnpm --filter @weft/config generate`. -->";
const END = "<!-- End of the options. -->";

/**
 * The page with its tables of options written anew.
 *
 * @throws Error when the two comments that enclose them are not there, in this order
 */
export function withOptions(page: string): string {
  const start = page.indexOf(START);
  const end = page.indexOf(END);
  if (start < 0 || end < start) throw new Error(`the page has no place for its options: ${START} ... ${END}`);
  return `${page.slice(0, start + START.length)}\n\n${options()}\n${page.slice(end)}`;
}

function options(): string {
  const { properties = {} } = jsonSchema();
  const service = properties["services"]?.additionalProperties || {};
  const parts = [
    ...Object.entries({ discovery: properties["discovery"] }),
    ...Object.entries(service.properties ?? {}).map(([name, schema]) => [`${SERVICE}.${name}`, schema] as const),
    ...Object.entries(properties["sidecar"]?.properties ?? {}).map(
      ([name, schema]) => [`sidecar.${name}`, schema] as const,
    ),
    ...["gateway", "telemetry"].map((name) => [name, properties[name]] as const),
  ];
  const file = Object.entries(properties).map(([name, schema]) => row(name, schema));
  return [table("The file", "", file), ...parts.map(([path, schema]) => section(path, schema ?? {}))].join("\n");
}

const SERVICE = "services.*";

/** The section of one part, with everything in it. */
function section(path: string, schema: JsonSchema): string {
  const { on } = PARTS[fieldOf(path)] ?? {};
  const off = on === undefined ? "" : ` \`off\` turns it off${on ? "" : ", and is the default"}.`;
  const words = objectIn(schema) === undefined ? "" : `${schema.description}${off}${used(path)}`;
  return table(`\`${path}\``, words, rows(path, schema));
}

function table(title: string, words: string, body: readonly string[]): string {
  const head = "| option | values | default | source | meaning |\n|---|---|---|---|---|";
  return `### ${title}\n\n${words === "" ? "" : `${words}\n\n`}${head}\n${body.join("\n")}\n`;
}

/** One row for each value that can be written at `path` or below. */
function rows(path: string, schema: JsonSchema): readonly string[] {
  const object = objectIn(schema);
  if (object === undefined) return [row(path, schema)];
  const inside = schema.type === "array" ? `${path}[]` : path;
  const forms = schema.anyOf ?? schema.items?.anyOf;
  const words = forms?.find((form) => form.enum !== undefined || form.pattern !== undefined);
  const short =
    words === undefined
      ? []
      : [row(path, { ...words, ...(schema.description && { description: schema.description }) })];
  return short.concat(
    Object.entries(object.properties ?? {}).flatMap(([key, child]) =>
      // Most of a rule's parts are those of its service, which have a section each.
      inside === `${SERVICE}.rules[]` && !OF_RULES.includes(key)
        ? [row(`${inside}.${key}`, { ...child, title: `as \`${SERVICE}.${key}\`` })]
        : rows(`${inside}.${key}`, child),
    ),
  );
}

/** Parts of a rule that a service has not, or has with more in them. */
const OF_RULES: readonly string[] = ["when", "limits"];

/** The object with known keys that a schema is about: itself, the form beside `off`, or each item of a list. */
function objectIn(schema: JsonSchema): JsonSchema | undefined {
  if (schema.properties !== undefined) return schema;
  if (schema.items !== undefined) return objectIn(schema.items);
  return schema.anyOf?.find(({ properties }) => properties !== undefined);
}

function row(path: string, schema: JsonSchema): string {
  const builtIn = builtInOf(path);
  const cells = [
    `\`${fieldOf(path)}\``,
    valuesOf(schema, path),
    builtIn === undefined ? "" : written(builtIn.value),
    builtIn?.source ?? "",
    `${schema.description ?? ""}${used(path)}`,
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function builtInOf(path: string): BuiltIn | undefined {
  if (path === "discovery.consul.url") return { value: CONSUL_URL, source: "Consul" };
  const field = fieldOf(path);
  return (
    BUILT_IN[field] ??
    SIDECAR_BUILT_IN[path] ??
    TELEMETRY_BUILT_IN[path.replace(`${SERVICE}.tracing.`, "telemetry.")] ??
    (PARTS[field]?.on === false ? { value: "off", source: "weft" } : undefined)
  );
}

/** A path within a service, by which built-in defaults are known; any other path as it is. */
function fieldOf(path: string): string {
  return path.startsWith(`${SERVICE}.`) ? path.slice(SERVICE.length + 1) : path;
}

const USED: Readonly<Record<Use, string>> = {
  nobody: " **Not used yet.**",
  sidecar: " **Only the sidecar uses it yet.**",
  all: "",
};

function used(path: string): string {
  return USED[useOf(fieldOf(path))];
}

/** What may be written, in words. */
function valuesOf(schema: JsonSchema, path: string): string {
  if (schema.title !== undefined) return schema.title;
  if (schema.enum !== undefined) return schema.enum.map((value) => word(value, path)).join(", ");
  if (schema.const !== undefined) return word(schema.const, path);
  if (schema.anyOf !== undefined) return schema.anyOf.map((form) => valuesOf(form, path)).join("; or ");
  if (schema.items !== undefined) return `list of: ${valuesOf(schema.items, path)}`;
  return schema.type ?? "";
}

const USED_VALUE: Readonly<Record<Use, string>> = {
  nobody: " (not there yet)",
  sidecar: " (only in the sidecar)",
  all: "",
};

function word(value: unknown, path: string): string {
  return `\`${String(value)}\`${USED_VALUE[useOfValue(fieldOf(path), String(value))]}`;
}

function written(value: unknown): string {
  return Array.isArray(value) ? value.map((item) => `\`${item}\``).join(", ") : `\`${String(value)}\``;
}
