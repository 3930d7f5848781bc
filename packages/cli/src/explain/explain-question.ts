import type { ListenAddress } from "@weft/config";
import { type Given, UsageError } from "../command.ts";

/** What is asked, and of whom. */
export interface ExplainQuestion {
  readonly admin: ListenAddress;
  /** With its query. */
  readonly path: string;
  /** Whether what comes later is asked for, too. */
  readonly follow: boolean;
}

/** The admin API's own in docs and examples. */
const ADMIN = "127.0.0.1:15000";

/** @throws UsageError that lists every mistake */
export function explainQuestion({ options, words }: Given): ExplainQuestion {
  const mistakes = words.map((word) => `${JSON.stringify(word)} is not expected: weft explain takes options only`);
  const text = (name: string): string | undefined => {
    const value = options[name];
    return typeof value === "string" ? value : undefined;
  };
  const [trace, service, last, call] = [text("trace"), text("service"), text("last"), text("call")];
  const failed = options["failed"] === true;
  if (trace === undefined && service === undefined && !failed)
    mistakes.push("say what about: --trace ID, --service NAME or --failed");
  if (trace !== undefined) {
    if (!/^(?!0{32})[0-9a-f]{32}$/i.test(trace))
      mistakes.push(`--trace: ${JSON.stringify(trace)} is not a trace id of 32 hexadecimal digits`);
    for (const other of ["service", "failed", "last", "call", "follow"]) {
      if (options[other] !== undefined) mistakes.push(`--${other} means nothing beside --trace`);
    }
  }
  if (last !== undefined && !isWhole(last, 1, 256)) mistakes.push(`--last: ${JSON.stringify(last)} is not in 1..256`);
  if (call !== undefined && !isWhole(call, 1, Number.MAX_SAFE_INTEGER))
    mistakes.push(`--call: ${JSON.stringify(call)} is not the number of a call`);
  if (call !== undefined && service === undefined && trace === undefined) mistakes.push("--call needs --service");
  const follow = options["follow"] === true;
  if (follow && call !== undefined) mistakes.push("--follow means nothing beside --call");
  const admin = adminAddress(text("admin") ?? ADMIN);
  if (admin === undefined)
    mistakes.push(
      `--admin: ${JSON.stringify(text("admin"))} is not an address such as "127.0.0.1:15000" or "unix:/run/weft.sock"`,
    );
  if (mistakes.length > 0 || admin === undefined) throw new UsageError(mistakes);
  const query = new URLSearchParams({ format: "json" });
  for (const [name, value] of Object.entries({ trace, service, last, call })) {
    if (value !== undefined) query.set(name, value);
  }
  if (failed) query.set("failed", "true");
  if (service !== undefined && options["json"] !== true) query.set("limit", "0"); // its endpoints are not printed
  return { admin, path: `/explain?${query.toString()}`, follow };
}

/** As it is written, or pasted from where a browser shows it. */
function adminAddress(written: string): ListenAddress | undefined {
  const address = written.replace(/^http:\/\//, "").replace(/\/$/, "");
  const unix = /^unix:\/./.test(written);
  const port = /^(?:\[[0-9a-f:.]+\]|[^\s:/[\]]+):(\d{1,5})$/i.exec(address)?.[1];
  if (!unix && !(Number(port) >= 1 && Number(port) <= 65_535)) return undefined;
  // It is `unix:` and a path, or ends in a colon and digits, which is what ListenAddress says.
  return (unix ? written : address) as ListenAddress;
}

function isWhole(written: string, least: number, most: number): boolean {
  return /^\d{1,16}$/.test(written) && Number(written) >= least && Number(written) <= most;
}
