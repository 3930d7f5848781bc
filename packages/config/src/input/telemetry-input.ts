/** What is told about the calls, and to whom. */
export interface TelemetryInput {
  /** The collector, OTLP over HTTP. Not used yet. */
  readonly otlp?: { readonly url: string };
  /** Share of the calls whose trace is kept, 0..1. Not used yet. */
  readonly sampleRatio?: number;
  /** One line per call, from the sidecar. A word alone is the format. Default `off`. */
  readonly accessLog?: AccessLogFormat | AccessLogInput;
}

/** How the lines look, and where they go. */
export interface AccessLogInput {
  /** Default `json`. */
  readonly format?: AccessLogFormat;
  /** Default `stdout`. */
  readonly to?: AccessLogTarget;
}

/** How an access log line is written. */
export type AccessLogFormat = "json" | "text" | "off";
/** Every word for the format. */
export const ACCESS_LOG_FORMATS: readonly AccessLogFormat[] = ["json", "text", "off"];

/** Where access log lines go. A file is appended to. */
export type AccessLogTarget = "stdout" | "stderr" | { readonly file: string };
