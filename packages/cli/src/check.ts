import { loadPolicy, type Policy, type Problem, problemLine, problemsOf } from "@weft/config";
import { type Command, type Given, UsageError } from "./command.ts";

/** `weft check`: is this a policy, and what does it come to? */
export const check: Command = {
  name: "check",
  summary: "check policy files and list every mistake",
  help: `Usage: weft check FILE... [options]

Checks policy files, YAML or JSON. Every mistake is listed with file, line, column, path, value and what is allowed.
Exit code 0: all files are accepted; 2: at least one is not.

Options:
  --json              one JSON object on standard output instead of text
  --explain SERVICE   also show each field of this service, and where its value comes from; "all" for every service
  -h, --help          this text
`,
  options: { json: { type: "boolean" }, explain: { type: "string" } },
  run,
};

interface Report {
  readonly file: string;
  readonly ok: boolean;
  readonly problems: readonly Problem[];
  readonly explain?: ReturnType<typeof explained>;
}

async function run({ options, words }: Given): Promise<number> {
  if (words.length === 0) throw new UsageError(["name at least one file: weft check FILE..."]);
  const service = typeof options["explain"] === "string" ? options["explain"] : undefined;
  const reports: Report[] = [];
  for (const file of words) reports.push(await reportOn(file, service));
  const ok = reports.every((report) => report.ok);
  if (options["json"] === true) process.stdout.write(`${JSON.stringify({ ok, files: reports })}\n`);
  else for (const report of reports) print(report);
  return ok ? 0 : 2;
}

async function reportOn(file: string, service: string | undefined): Promise<Report> {
  try {
    const { policy, warnings } = await loadPolicy(file);
    if (service === undefined) return { file, ok: true, problems: warnings };
    if (service !== "all" && !policy.services.has(service)) {
      const message = `${JSON.stringify(service)} is not a service of this policy: ${[...policy.services.keys()].join(", ")}`;
      return { file, ok: false, problems: [...warnings, { severity: "error", path: "", file, message }] };
    }
    return { file, ok: true, problems: warnings, explain: explained(policy, service) };
  } catch (error) {
    const problems = problemsOf(error);
    if (problems.length === 0) throw error;
    return { file, ok: false, problems };
  }
}

function explained(policy: Policy, service: string) {
  const names = service === "all" ? [...policy.services.keys()] : [service];
  return names.map((name) => ({ service: name, fields: policy.explain(name) ?? [] }));
}

function print({ file, ok, problems, explain }: Report): void {
  for (const problem of problems) {
    process.stderr.write(`${problem.severity === "warning" ? "warning: " : ""}${problemLine(problem)}\n`);
  }
  if (ok) process.stdout.write(`${file}: accepted\n`);
  for (const { service, fields } of explain ?? []) {
    process.stdout.write(`${service}\n`);
    for (const { field, value, from } of fields) {
      const shown = typeof value === "string" ? value : JSON.stringify(value);
      process.stdout.write(`  ${field}: ${shown}   # ${from}\n`);
    }
  }
}
