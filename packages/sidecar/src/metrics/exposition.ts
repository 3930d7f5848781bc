/** What a family of samples is. A histogram's samples go in with `histogram`. */
export type FamilyType = "counter" | "gauge" | "histogram";

/**
 * Writes the text format of Prometheus, version 0.0.4: families one after the other, each with its help, type and samples.
 *
 * A family without samples leaves no trace. Source: Prometheus, exposition formats.
 */
export class Exposition {
  readonly #parts: string[] = [];
  #name = "";
  #head = "";

  /** Begins a family. Each name once. */
  family(name: string, type: FamilyType, help: string): void {
    this.#name = name;
    this.#head = `# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}\n# TYPE ${name} ${type}\n`;
  }

  /** @param labels as `labelText` makes them, with commas between; may be empty */
  sample(labels: string, value: number): void {
    this.#line(this.#name, labels, value);
  }

  /**
   * @param bounds upper bounds, rising
   * @param counts one for each bound, and one for what lies above; not added up
   */
  histogram(labels: string, bounds: readonly number[], counts: ArrayLike<number>, sum: number): void {
    const before = labels === "" ? "" : `${labels},`;
    let total = 0;
    for (let at = 0; at < counts.length; at++) {
      total += counts[at]!;
      this.#line(`${this.#name}_bucket`, `${before}le="${numberText(bounds[at] ?? Number.POSITIVE_INFINITY)}"`, total);
    }
    this.#line(`${this.#name}_sum`, labels, sum);
    this.#line(`${this.#name}_count`, labels, total);
  }

  text(): string {
    return this.#parts.join("");
  }

  #line(name: string, labels: string, value: number): void {
    this.#parts.push(`${this.#head}${name}${labels === "" ? "" : `{${labels}}`} ${numberText(value)}\n`);
    this.#head = "";
  }
}

/** `name="value"`, with what the format does not take escaped. */
export function labelText(name: string, value: string): string {
  return `${name}="${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}
