/**
 * Told of what deserves a person's attention but changes no membership: an endpoint left out because it cannot be
 * dialled, a snapshot that could not be written, a token file that cannot be read. `problem` names the thing and why.
 */
export type OnNotice = (notice: Notice) => void;

export interface Notice {
  /** Absent when it is about the whole source. */
  readonly service?: string;
  readonly problem: string;
}

/** Any thrown value in words, with the reason below it, and Node's code where the message lacks it. */
export function words(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const text = error.message === "" ? innermost(error) : error.message;
  return code === "" || text.includes(code) ? text : `${text} (${code})`;
}

/** Node's error for a host with several addresses has an empty message, and the reasons in a list. */
function innermost(error: Error): string {
  return error instanceof AggregateError && error.errors.length > 0 ? words(error.errors[0]) : error.name;
}
