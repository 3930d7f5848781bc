import type { LatencyCounts } from "@weft/core";
import type { Family, Samples } from "./family.ts";

/**
 * Writes the text format of Prometheus, version 0.0.4: families one after the other, each with its help, type and samples.
 *
 * A family without samples leaves no trace. Source: Prometheus, exposition formats.
 */
export class Exposition implements Samples {
  #text = "";
  /** Values of labels as they are written: the same come in every family. */
  readonly #escaped = new Map<string, string>();
  #family: Family | undefined = undefined;
  #head = "";

  /** Begins a family. Each name once. */
  begin(family: Family): void {
    const { name, type, help } = family;
    this.#family = family;
    const shown = type === "upDown" ? "gauge" : type;
    this.#head = `# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}\n# TYPE ${name} ${shown}\n`;
  }

  sample(values: readonly string[], value: number): void {
    this.#line("", this.#labels(values), value);
  }

  histogram(values: readonly string[], { boundsMs, counts, sumMs }: LatencyCounts): void {
    const labels = this.#labels(values);
    const before = labels === "" ? "" : `${labels},`;
    // What is measured in ms is written in the family's unit.
    const msPerUnit = this.#family?.unit === "ms" ? 1 : 1_000;
    let total = 0;
    for (let at = 0; at < counts.length; at++) {
      total += counts[at]!;
      const bound = (boundsMs[at] ?? Number.POSITIVE_INFINITY) / msPerUnit;
      this.#line("_bucket", `${before}le="${numberText(bound)}"`, total);
    }
    this.#line("_sum", labels, sumMs / msPerUnit);
    this.#line("_count", labels, total);
  }

  text(): string {
    return this.#text;
  }

  #labels(values: readonly string[]): string {
    let text = "";
    this.#family?.labels.forEach(({ name }, at) => {
      text += `${at === 0 ? "" : ","}${name}="${this.#escape(values[at] ?? "")}"`;
    });
    return text;
  }

  #line(suffix: string, labels: string, value: number): void {
    const name = `${this.#family?.name}${suffix}`;
    this.#text += `${this.#head}${name}${labels === "" ? "" : `{${labels}}`} ${numberText(value)}\n`;
    this.#head = "";
  }

  #escape(value: string): string {
    const known = this.#escaped.get(value);
    if (known !== undefined) return known;
    const escaped = value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n").toWellFormed();
    this.#escaped.set(value, escaped);
    return escaped;
  }
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}
