import { readFileSync } from "node:fs";
import { parse } from "yaml";

const FOLDER = new URL("../../examples/observability/", import.meta.url);

export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A query of the dashboard, and where it stands there. */
export interface DashboardQuery {
  readonly panel: string;
  readonly expr: string;
}

// The forms below are those of the files, which promtool and Grafana's import define.
interface AlertFile {
  readonly groups: readonly { readonly rules: readonly Alert[] }[];
}

/** One panel of the dashboard, or the title of a row of them. */
interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string }[] };
}

export function fileOf(name: string): string {
  return readFileSync(new URL(name, FOLDER), "utf8");
}

export function pathOf(name: string): string {
  return new URL(name, FOLDER).pathname;
}

export function alerts(): readonly Alert[] {
  return (parse(fileOf("alerts.yml")) as AlertFile).groups.flatMap(({ rules }) => rules);
}

export function dashboard(): Dashboard {
  return JSON.parse(fileOf("grafana-dashboard.json")) as Dashboard;
}

export function dashboardQueries(): readonly DashboardQuery[] {
  return dashboard().panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ panel: title, expr })));
}

/** Names of metrics that an expression reads. */
export function metricsIn(expression: string): readonly string[] {
  return [...new Set(expression.match(/\b(?:weft|envoy|process|nodejs)_[a-z0-9_]+\b(?!\s*[),=!~])/g) ?? [])];
}
