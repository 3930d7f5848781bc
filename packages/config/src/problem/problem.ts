/** A place in a policy file. Both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Keys and indices from the root of the policy. */
export type Path = readonly (string | number)[];

/** One thing that is wrong with a policy, or worth knowing. */
export interface Problem {
  /** An error refuses the policy; a warning does not. */
  readonly severity: "error" | "warning";
  /** `services.orders.retry.maxRetries`; empty for the file as a whole. */
  readonly path: string;
  /** The value and what is allowed in its place, in words. */
  readonly message: string;
  /** Absent for a policy that was given as an object. */
  readonly file?: string;
  /** Where in the file; absent for the file as a whole. */
  readonly position?: Position;
}

/** `policy.yaml:14:7 services.orders.retry.maxRetries: -1 is not in 0..10`, as much of it as is known. */
export function problemLine({ file, position, path, message }: Problem): string {
  const place =
    file === undefined ? "" : position === undefined ? `${file} ` : `${file}:${position.line}:${position.column} `;
  return `${place}${path === "" ? "" : `${path}: `}${message}`;
}

/** `["rules", 0, "when"]` as `rules[0].when`; a key that is no plain word is quoted. */
export function pathText(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (!/^[\w-]+$/.test(step)) text += `[${JSON.stringify(step.length > 80 ? `${step.slice(0, 80)}...` : step)}]`;
    else text += text === "" ? step : `.${step}`;
  }
  return text;
}
