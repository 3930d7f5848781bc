import * as v from "valibot";
import type * as input from "../input/telemetry-input.ts";
import { ACCESS_LOG_FORMATS, ATTEMPTS_SHOWN, OTLP_COMPRESSIONS, TRACE_FORMATS } from "../input/telemetry-input.ts";
import { dictionary, either, list, orOff, record } from "./containers.ts";
import * as leaf from "./leaves.ts";
import { secret } from "./secret-schema.ts";

const says = v.description;
const may = <T>(schema: leaf.Leaf<T>, meaning: string) => v.optional(v.pipe(schema, says(meaning)));

const tracing = {
  sampleRatio: may(
    leaf.ratio(),
    "Share of the traces that begin here and are kept. A trace that began elsewhere is kept or not as was decided there.",
  ),
  keepFailed: may(leaf.yesOrNo(), "Whether a call that failed is kept, whatever the ratio says."),
  keepSlowerThan: may(
    orOff(leaf.duration(), 'a duration such as "1s"'),
    "A call that took longer is kept, whatever the ratio says.",
  ),
};
/** The form of a service's `tracing`. */
export const tracingSchema: leaf.Leaf<input.TracingInput> = record(tracing);

const otlp: leaf.Leaf<input.OtlpInput> = record({
  url: v.pipe(
    leaf.url(),
    says("The collector, OTLP over HTTP, such as `http://127.0.0.1:4318`. `/v1/traces` and `/v1/metrics` are added."),
  ),
  headers: may(
    dictionary(
      leaf.text(/^(?!(constructor|prototype)$)[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/, "the name of a header"),
      secret,
      "an object of header names and secrets",
    ),
    "Sent with each request to the collector: header name to `{ env: NAME }` or `{ file: PATH }`. In a policy file a path is found from its folder.",
  ),
  queueSpans: may(
    leaf.wholeNumber(1, 1_000_000),
    "Spans that wait to be sent; more are dropped, and counted. A call never waits.",
  ),
  compression: may(
    leaf.oneOf(OTLP_COMPRESSIONS),
    "What is sent to the collector is packed with. `gzip` pays where the way there is long, or paid for by the byte.",
  ),
});

const formats = () => list(leaf.oneOf(TRACE_FORMATS), 0, "forms");
const propagation: leaf.Leaf<input.PropagationInput> = record({
  extract: may(
    formats(),
    "In which headers a trace is looked for; the first that holds one counts. `[]`: each call begins a trace.",
  ),
  inject: may(
    formats(),
    "In which headers a trace is sent on: `tracecontext`, and what else is listed. It is sent on in the form in which it came, too.",
  ),
});

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
  serviceName: may(leaf.name(), "Whose the spans and numbers are. When absent: `sidecar.service`."),
  otlp: may(otlp, "Where spans and numbers are sent. Absent: nowhere, but traces are carried on."),
  ...tracing,
  attempts: may(
    leaf.oneOf(ATTEMPTS_SHOWN),
    "What an attempt is in a trace: a span of its own, an event of the call's span, or nothing.",
  ),
  propagation: may(propagation, "The headers that carry a trace."),
  metrics: may(
    record({ interval: may(leaf.duration(), "Between two reports, from `1s`. `metrics: {}` turns them on.") }),
    "Numbers for the collector. An object, even `{}`, turns them on; Prometheus can ask in any case.",
  ),
  accessLog: may(
    either([accessLog, format()], `an object, or one of ${ACCESS_LOG_FORMATS.join(", ")}`),
    "One line per call. A word alone, `json`, `text` or `off`, is the format.",
  ),
});
