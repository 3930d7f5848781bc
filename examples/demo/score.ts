import { nameOf } from "./headline.ts";
import type { Tick } from "./web.ts";

/** What a caller saw in one second. */
export interface Counted {
  readonly calls: number;
  readonly failed: number;
  /** The first failure of the second, in words. */
  readonly failure: string | undefined;
  /** Answer times of the second, in ms. */
  readonly timesMs: readonly number[];
  readonly retries: number;
  /** Answers by endpoint. */
  readonly answers: Readonly<Record<string, number>>;
}

interface Row {
  readonly scene: string;
  calls: number;
  failed: number;
  retries: number;
  timesMs: number[];
  answers: Map<string, number>;
}

/** What one caller saw in each scene, and the table of it at the end. */
export class Score {
  /** Who called, and how. */
  readonly caller: string;
  readonly #rows: Row[] = [];
  #failures: string[] = [];

  constructor(caller: string) {
    this.caller = caller;
  }

  scene(title: string): void {
    this.#rows.push({ scene: title, calls: 0, failed: 0, retries: 0, timesMs: [], answers: new Map() });
  }

  add(tick: Counted): void {
    const row = this.#rows.at(-1);
    if (row === undefined) return;
    row.calls += tick.calls;
    row.failed += tick.failed;
    row.retries += tick.retries;
    row.timesMs.push(...tick.timesMs);
    if (tick.failure !== undefined) this.#failures.push(`${row.scene}: ${tick.failure}`);
    for (const [name, count] of Object.entries(tick.answers))
      row.answers.set(name, (row.answers.get(name) ?? 0) + count);
  }

  get calls(): number {
    return this.#rows.reduce((sum, row) => sum + row.calls, 0);
  }

  get failed(): number {
    return this.#rows.reduce((sum, row) => sum + row.failed, 0);
  }

  table(): string {
    const names = [...new Set(this.#rows.flatMap((row) => [...row.answers.keys()]))].toSorted();
    const head = [this.caller, "calls", "failed", "retries", "p50 ms", "p99 ms", ...names];
    const rows = this.#rows.map((row) => {
      const timesMs = row.timesMs.toSorted((a, b) => a - b);
      const shares = names.map((name) => percent(row.answers.get(name) ?? 0, row.calls));
      return [
        row.scene,
        `${row.calls}`,
        `${row.failed}`,
        `${row.retries}`,
        at(timesMs, 0.5),
        at(timesMs, 0.99),
        ...shares,
      ];
    });
    const widths = head.map((_, i) => Math.max(...[head, ...rows].map((cells) => cells[i]!.length)));
    const line = (cells: readonly string[]): string =>
      cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  ");
    return [line(head), ...rows.map(line), ...this.#failures.slice(0, 5)].join("\n");
  }
}

/** One second of the caller that knows nothing of the mesh, in one line. */
export function shortLine(caller: string, counted: Counted): string {
  const { calls, failed, retries, answers } = counted;
  const shares = Object.keys(answers)
    .toSorted()
    .map((name) => `${name} ${percent(answers[name] ?? 0, calls)}`);
  return `       ${caller}: ${calls} calls, ${failed} failed, ${retries} retried | ${shares.join(" | ")}`;
}

/** One second of the caller with the mesh in its process, in one line. */
export function liveLine(second: number, tick: Tick): string {
  const endpoints = tick.orders.endpoints.map((node) => {
    const name = nameOf(node.endpoint.id);
    const share = percent(tick.answers[name] ?? 0, tick.calls);
    const latency = node.latencyMs === undefined ? "-" : `${node.latencyMs.toFixed(0)} ms`;
    const state = node.endpoint.state === "passing" ? node.fitness.kind : node.endpoint.state;
    return `${name} ${share} ${latency} ${state}`;
  });
  const consul = tick.orders.freshness.kind === "live" ? "" : ` | Consul: ${tick.orders.freshness.kind}`;
  return `${`${second}`.padStart(3)} s  ${tick.calls} calls, ${tick.failed} failed, ${tick.retries} retried | ${endpoints.join(" | ")}${consul}`;
}

function percent(part: number, whole: number): string {
  return whole === 0 ? "0 %" : `${Math.round((part / whole) * 100)} %`;
}

function at(sorted: readonly number[], share: number): string {
  return sorted.length === 0 ? "-" : sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!.toFixed(1);
}
