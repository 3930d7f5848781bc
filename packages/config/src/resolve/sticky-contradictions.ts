import type { StickyInput } from "../input/sticky-input.ts";
import type { Path } from "../problem/problem.ts";
import type { Finding } from "../schema/find-problems.ts";
import { HASHING, hashingPolicy } from "./hashing-policy.ts";
import type { Fields } from "./merge.ts";
import { listOf, textOf } from "./read-fields.ts";

/** What is written in a service or in `defaults` itself: only there is a session's rule judged. */
interface Own {
  readonly sticky?: StickyInput | "off";
}

/**
 * Sessions that cannot be kept, or not as it was meant.
 *
 * @param at path of the service or rule, where `own` is written
 */
export function stickyContradictions(fields: Fields, at: Path, { sticky }: Own): readonly Finding[] {
  if (sticky === undefined || sticky === "off") return [];
  const findings: Finding[] = [];
  const say = (severity: Finding["severity"], steps: readonly string[], message: string) =>
    findings.push({ severity, path: [...at, "sticky", ...steps], key: steps.length === 0, message });

  const name = fields.get("sticky.cookie.name")?.value;
  if (typeof name !== "string") say("error", [], "needs cookie.name: the cookie that says where a session is kept");
  else for (const message of refusedByBrowsers(fields, name)) say("error", ["cookie"], message);
  if (textOf(fields, "protocol") === "tcp") say("error", [], "means nothing with protocol tcp: it has no cookies");

  const kind = textOf(fields, "balancer.kind");
  if (hashingPolicy(fields).on.some((on) => on.kind === "cookie" && on.name === name))
    say("error", ["cookie"], `balancer.hashOn has the cookie ${String(name)}, too: give each its own name`);
  else if (HASHING.includes(kind) && listOf(fields, "balancer.hashOn").length > 0)
    say("warning", [], `balancer.kind ${kind} only tells where a session begins: from then on its cookie does`);
  if (typeof fields.get("subset.size")?.value === "number")
    say("warning", [], "subset.size is set: a process that does not use a session's endpoint moves it elsewhere");
  if (fields.get("hedge.after") !== undefined)
    say("warning", [], "hedge is on, and calls of a session are not hedged: no other endpoint has it");
  return findings;
}

/** What a browser throws the cookie away for. Source: RFC 6265bis 4.1.3, 5.7. */
function refusedByBrowsers(fields: Fields, name: string): readonly string[] {
  const secure = fields.get("sticky.cookie.secure")?.value === true;
  const messages: string[] = [];
  if (!secure && textOf(fields, "sticky.cookie.sameSite") === "none")
    messages.push("browsers refuse one that is sameSite: none and not secure: say secure: true");
  const prefix = /^__(Secure|Host)-/i.exec(name)?.[0];
  if (!secure && prefix !== undefined)
    messages.push(`browsers refuse ${prefix}... that is not secure: say secure: true`);
  if (/^__Host-/i.test(name) && textOf(fields, "sticky.cookie.path") !== "/")
    messages.push(`browsers refuse ${name} for a path of its own: leave path out`);
  return messages;
}
