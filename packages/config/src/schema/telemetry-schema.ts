import * as v from "valibot";
import type * as input from "../input/telemetry-input.ts";
import { ACCESS_LOG_FORMATS } from "../input/telemetry-input.ts";
import { either, record } from "./containers.ts";
import * as leaf from "./leaves.ts";

const says = v.description;
const may = <T>(schema: leaf.Leaf<T>, meaning: string) => v.optional(v.pipe(schema, says(meaning)));

const format = () => leaf.oneOf(ACCESS_LOG_FORMATS);
const target: leaf.Leaf<input.AccessLogTarget> = either(
  [leaf.oneOf(["stdout", "stderr"]), record({ file: v.pipe(leaf.file(), says("Appended to, made when missing.")) })],
  "stdout, stderr or an object with file",
);
const accessLog: leaf.Leaf<input.AccessLogInput> = record({
  format: may(format(), "How the lines look."),
  to: may(target, "Where they go: a stream of the process, or `{ file: PATH }`, which is appended to."),
});

/** The form of `telemetry`. */
export const telemetrySchema: leaf.Leaf<input.TelemetryInput> = record({
  otlp: may(record({ url: v.pipe(leaf.url(), says("The collector, OTLP over HTTP.")) }), "Where spans and numbers go."),
  sampleRatio: may(leaf.ratio(), "Share of the calls whose trace is kept."),
  accessLog: may(
    either([accessLog, format()], `an object, or one of ${ACCESS_LOG_FORMATS.join(", ")}`),
    "One line per call. A word alone, `json`, `text` or `off`, is the format.",
  ),
});
