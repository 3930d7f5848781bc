/** What one package may import besides its own files. A table of DESIGN, as data: change the design first. */
interface ImportRule {
  /** Other packages of the workspace, without the scope. */
  readonly packages: readonly string[];
  /** Third parties that this package owns. Anyone else asking for one is a review question. */
  readonly thirdParties: readonly string[];
  /** False only for core: not even `node:`. */
  readonly node: boolean;
}

const IMPORT_RULES: Readonly<Record<string, ImportRule>> = {
  core: { packages: [], thirdParties: [], node: false },
  testkit: { packages: ["core"], thirdParties: [], node: true },
  discovery: { packages: ["core"], thirdParties: ["consul", "undici"], node: true },
  "consul-dev": { packages: [], thirdParties: [], node: true },
  config: { packages: ["core"], thirdParties: ["valibot", "yaml", "@valibot/to-json-schema", "ajv"], node: true },
  http: { packages: ["core"], thirdParties: [], node: true },
  runtime: { packages: ["core", "discovery", "config"], thirdParties: [], node: true },
  client: { packages: ["core", "discovery", "config", "http", "runtime"], thirdParties: ["undici"], node: true },
  telemetry: { packages: ["core"], thirdParties: ["@opentelemetry/*"], node: true },
  simulator: {
    packages: ["core", "config", "runtime", "testkit"],
    thirdParties: ["valibot", "@valibot/to-json-schema"],
    node: true,
  },
  dashboard: { packages: [], thirdParties: [], node: true },
  sidecar: {
    packages: ["core", "discovery", "config", "http", "runtime", "telemetry", "dashboard"],
    thirdParties: [],
    node: true,
  },
  opossum: { packages: ["core"], thirdParties: ["opossum"], node: true },
  cli: {
    packages: ["core", "config", "consul-dev", "discovery", "client", "sidecar", "gateway", "simulator", "telemetry"],
    thirdParties: [],
    node: true,
  },
};

/** What a test beside the source may import as well; everything else of its package's rule holds for it too. */
const TEST_EXTRAS: ImportRule = {
  packages: ["testkit", "consul-dev"],
  thirdParties: ["vitest", "fast-check"],
  node: true,
};

/**
 * Says what is wrong with one import, or undefined when it is allowed.
 *
 * @param file      path from the repository root with `/`, such as `packages/core/src/stack.ts`
 * @param specifier as written in the import
 */
export function judgeImport(file: string, specifier: string): string | undefined {
  const name = /^packages\/([^/]+)\//.exec(file)?.[1] ?? "";
  if (specifier.startsWith(".")) return judgeRelative(file, name, specifier);
  const rule = IMPORT_RULES[name];
  if (rule === undefined) return `package "${name}" has no row in test/checks/import-rules.ts`;
  const rules = /\.(test|suite)\.ts$/.test(file) ? [rule, TEST_EXTRAS] : [rule];
  if (specifier.startsWith("node:")) {
    return rules.some(({ node }) => node) ? undefined : `${name} imports nothing, not even node:`;
  }
  const [scopeOrName = "", second] = specifier.split("/");
  const target = scopeOrName.startsWith("@") ? `${scopeOrName}/${second}` : scopeOrName;
  if (scopeOrName !== "@weft") {
    return rules.some(({ thirdParties }) => thirdParties.some((owned) => owns(owned, target)))
      ? undefined
      : `${name} does not own ${target}`;
  }
  if (/\/(src|dist)(\/|$)/.test(specifier)) return `reaches into the files of ${target}; import what it exports`;
  if (second === name) return `imports itself by name; use a relative path`;
  return rules.some(({ packages }) => packages.includes(second ?? "")) ? undefined : `${name} may not import ${target}`;
}

/** @param owned a name, or a scope with all its packages: `@opentelemetry/*` */
function owns(owned: string, target: string): boolean {
  return owned.endsWith("/*") ? target.startsWith(owned.slice(0, -1)) : owned === target;
}

function judgeRelative(file: string, name: string, specifier: string): string | undefined {
  const target = new URL(specifier, `file:///${file}`).pathname;
  if (name === "")
    return /^\/packages\/[^/]+\/(src|dist)\//.test(target)
      ? "reaches into a package; import what it exports"
      : undefined;
  return target.startsWith(`/packages/${name}/`) ? undefined : "leaves its package by a relative path";
}
