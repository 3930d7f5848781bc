import {
  type CheckedPolicy,
  type Home,
  loadPolicy,
  loadTls,
  type Policy,
  type Problem,
  problemLine,
  problemsOf,
} from "@weft/config";
import { type Command, type Given, UsageError } from "./command.ts";

const HOMES: readonly Home[] = ["sdk", "sidecar", "gateway"];

/** `weft check`: is this a policy, and what does it come to? */
export const check: Command = {
  name: "check",
  summary: "check policy files and list every mistake",
  help: `Usage: weft check FILE... [options]

Checks policy files, YAML or JSON. Every mistake is listed with file, line, column, path, value and what is allowed.
The certificates and keys that they name are checked as well; one that cannot be read here is a warning. Exit code 0:
all files are accepted; 2: at least one is not.

Options:
  --json              one JSON object on standard output instead of text
  --explain SERVICE   also show each field of this service, and where its value comes from; "all" for every service,
                      and the sidecar
  --home HOME         who will read them, since defaults differ, and what is used: ${HOMES.join(", ")}
                      (default sidecar for a file with a sidecar part, sdk for any other)
  -h, --help          this text
`,
  options: { json: { type: "boolean" }, explain: { type: "string" }, home: { type: "string" } },
  run,
};

interface Report {
  readonly file: string;
  readonly ok: boolean;
  /** Absent where the file could not be read as a policy. */
  readonly home?: Home;
  readonly problems: readonly Problem[];
  readonly explain?: ReturnType<typeof explained>;
}

async function run({ options, words }: Given): Promise<number> {
  const mistakes = words.length === 0 ? ["name at least one file: weft check FILE..."] : [];
  const home = HOMES.find((known) => known === options["home"]);
  if (options["home"] !== undefined && home === undefined)
    mistakes.push(`--home: ${JSON.stringify(options["home"])} is not one of ${HOMES.join(", ")}`);
  if (mistakes.length > 0) throw new UsageError(mistakes);
  const service = typeof options["explain"] === "string" ? options["explain"] : undefined;
  const reports: Report[] = [];
  for (const file of words) reports.push(await reportOn(file, service, home));
  const ok = reports.every((report) => report.ok);
  if (options["json"] === true) process.stdout.write(`${JSON.stringify({ ok, files: reports })}\n`);
  else for (const report of reports) print(report);
  return ok ? 0 : 2;
}

async function reportOn(file: string, service: string | undefined, asked: Home | undefined): Promise<Report> {
  try {
    const { policy, warnings: odd, home } = await load(file, asked);
    // What only the machine has where it will run, such as a key, is no mistake here.
    const tls = home === "sdk" ? [] : (await loadTls(policy, { unreadable: "warning" })).warnings;
    const warnings = [...odd, ...tls];
    if (service === undefined) return { file, ok: true, home, problems: warnings };
    if (service !== "all" && !policy.services.has(service)) {
      const message = `${JSON.stringify(service)} is not a service of this policy: ${[...policy.services.keys()].join(", ")}`;
      return { file, ok: false, problems: [...warnings, { severity: "error", path: "", file, message }] };
    }
    return { file, ok: true, home, problems: warnings, explain: explained(policy, service) };
  } catch (error) {
    const problems = problemsOf(error);
    if (problems.length === 0) throw error;
    return { file, ok: false, problems };
  }
}

/** For the home that was asked for, or else the one that the file is written for. */
async function load(file: string, asked: Home | undefined): Promise<CheckedPolicy & { readonly home: Home }> {
  const home = asked ?? "sdk";
  const checked = await loadPolicy(file, { home });
  if (asked !== undefined || checked.policy.sidecar === undefined) return { ...checked, home };
  return { ...(await loadPolicy(file, { home: "sidecar" })), home: "sidecar" };
}

function explained(policy: Policy, service: string) {
  const names = service === "all" ? [...policy.services.keys()] : [service];
  const services = names.map((name) => ({ service: name, fields: policy.explain(name) ?? [] }));
  if (service !== "all" || policy.sidecar === undefined) return services;
  return [...services, { service: "the sidecar", fields: policy.explainSidecar() }];
}

function print({ file, ok, home, problems, explain }: Report): void {
  for (const problem of problems) {
    process.stderr.write(`${problem.severity === "warning" ? "warning: " : ""}${problemLine(problem)}\n`);
  }
  if (ok) process.stdout.write(`${file}: accepted for ${home === "sdk" ? "the SDK" : `the ${home}`}\n`);
  for (const { service, fields } of explain ?? []) {
    process.stdout.write(`${service}\n`);
    for (const { field, value, from } of fields) {
      const shown = typeof value === "string" ? value : JSON.stringify(value);
      process.stdout.write(`  ${field}: ${shown}   # ${from}\n`);
    }
  }
}
