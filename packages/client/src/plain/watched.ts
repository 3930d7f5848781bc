import { channel } from "node:diagnostics_channel";

/** Where undici tells what it does, request by request. Source: undici, docs/api/DiagnosticsChannel.md. */
const CHANNELS = [
  "undici:request:create",
  "undici:request:bodyChunkSent",
  "undici:request:bodySent",
  "undici:request:headers",
  "undici:request:bodyChunkReceived",
  "undici:request:trailers",
  "undici:request:error",
  "undici:client:sendHeaders",
  "undici:client:beforeConnect",
  "undici:client:connected",
  "undici:client:connectError",
].map((name) => channel(name));

/** Whether somebody in this process watches the requests of undici, as OpenTelemetry's instrumentation does. */
export function watched(): boolean {
  for (const each of CHANNELS) if (each.hasSubscribers) return true;
  return false;
}
