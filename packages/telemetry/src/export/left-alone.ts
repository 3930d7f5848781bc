import { channel } from "node:diagnostics_channel";
import type * as Api from "@opentelemetry/api";

/** How OpenTelemetry's own packages name it. Source: @opentelemetry/core, trace/suppress-tracing; keys are `Symbol.for`. */
const SUPPRESSED = "OpenTelemetry SDK Context Key SUPPRESS_TRACING";

/** Where undici tells of a request before it is sent, so that instrumentations may add headers to it. */
const REQUESTS = channel("undici:request:create");

/** Runs something in a context in which OpenTelemetry makes no spans and adds no headers. */
export function suppressed({ context, createContextKey }: typeof Api): <Result>(run: () => Result) => Result {
  const key = createContextKey(SUPPRESSED);
  return (run) => context.with(context.active().setValue(key, true), run);
}

/**
 * For `Tracing.within`: sends an attempt so that instrumentations of undici neither make a second span for it nor add a
 * second `traceparent`, which would make both unreadable.
 *
 * Cost: one look where nobody listens to undici, 0.2 us where somebody does.
 */
export function leftAlone(api: typeof Api): (send: () => void) => void {
  const apart = suppressed(api);
  return (send) => {
    if (REQUESTS.hasSubscribers) apart(send);
    else send();
  };
}
