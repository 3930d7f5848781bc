import type { PolicyResult } from "../measure/policy-result.ts";
import type { Reaction } from "../measure/reaction.ts";
import type { ScenarioResult } from "../run/simulate.ts";
import { msText, percentText } from "./number-text.ts";

/** Endpoints in a table: of more, only those with the largest and the smallest shares are told apart. */
const LISTED = 12;

/** The tables that `weft simulate` prints. */
export function textReport({ scenario, policies }: ScenarioResult): string {
  const { name, seed, durationMs, clients, endpoints } = scenario;
  const calls = (policies[0]?.calls ?? 0).toLocaleString("en");
  const head = `${name}: ${calls} calls in ${durationMs / 1_000} s, ${count(clients, "client")}, ${count(endpoints.length, "endpoint")}, seed ${seed}`;
  const parts = [head, outcomes(policies), shares(policies)];
  if (policies.some(({ byImportance }) => byImportance.length > 0)) parts.push(importances(policies));
  if (policies.some(({ reactions }) => reactions.length > 0)) parts.push(noticed(policies));
  return `${parts.join("\n\n")}\n`;
}

function outcomes(policies: readonly PolicyResult[]): string {
  const rows = policies.map(({ name, successShare, latencyMs, attemptsPerCall, failures }) => [
    name,
    percentText(successShare),
    ...[latencyMs.p50, latencyMs.p90, latencyMs.p99, latencyMs.p999].map(msText),
    attemptsPerCall.toFixed(3),
    listed(failures) || "none",
  ]);
  return table(["policy", "success", "p50 ms", "p90 ms", "p99 ms", "p99.9 ms", "attempts", "failures"], rows);
}

function shares(policies: readonly PolicyResult[]): string {
  const indices = policies[0]?.endpoints.map(({ index }) => index) ?? [];
  const shown = indices.slice(0, LISTED);
  const rest = indices.length > LISTED ? [`${indices.length - LISTED} others`] : [];
  const rows = policies.map(({ name, endpoints }) => [
    name,
    ...shown.map((index) => shareOf(endpoints[index]!)),
    ...rest.map(() =>
      percentText(
        endpoints.slice(LISTED).reduce((sum, { share }) => sum + share, 0),
        1,
      ),
    ),
  ]);
  const title = "Share of the attempts by endpoint, and how often it was ejected:";
  return `${title}\n\n${table(["policy", ...shown.map((index) => `#${index}`), ...rest], rows)}`;
}

function importances(policies: readonly PolicyResult[]): string {
  const heads = policies[0]?.byImportance.map(({ importance }) => importance) ?? [];
  const rows = policies.map(({ name, byImportance }) => [
    name,
    ...byImportance.map(({ successShare }) => percentText(successShare)),
  ]);
  return `Success by importance:\n\n${table(["policy", ...heads], rows)}`;
}

function shareOf({ share, ejections }: PolicyResult["endpoints"][number]): string {
  return `${percentText(share, 1)}${ejections > 0 ? ` (${ejections}x)` : ""}`;
}

function noticed(policies: readonly PolicyResult[]): string {
  const events = policies[0]?.reactions ?? [];
  const rows = policies.map(({ name, reactions }) => [name, ...reactions.map(reactionText)]);
  const title = "Until less than half of the former share went there, and after the end until it was back:";
  const heads = events.map(({ atMs, endpoints }) => `${atMs / 1_000} s ${endpoints.map((i) => `#${i}`).join(" ")}`);
  return `${title}\n\n${table(["policy", ...heads], rows)}`;
}

function reactionText({ detectMs, recoverMs }: Reaction): string {
  const seconds = (ms: number | undefined): string => (ms === undefined ? "-" : `${(ms / 1_000).toFixed(2)} s`);
  return `${seconds(detectMs)} / ${seconds(recoverMs)}`;
}

function listed(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([kind, times]) => `${times.toLocaleString("en")} ${kind}`)
    .join(", ");
}

function count(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? "" : "s"}`;
}

/** Columns aligned, the first to the left and the others to the right; the last, where it is words, to the left. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, i) => Math.max(cell.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string => {
    const padded = cells.map((cell, i) => {
      return i === 0 || head[i] === "failures" ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!);
    });
    return `  ${padded.join("  ")}`.trimEnd();
  };
  return [line(head), ...rows.map(line)].join("\n");
}
