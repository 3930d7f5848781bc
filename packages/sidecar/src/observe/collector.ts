import { type OtlpPolicy, readSecret } from "@weft/config";
import { otlpExport, type SpanSink } from "@weft/telemetry";

/** The service's name where the policy gives none. Source: OpenTelemetry's resource conventions. */
const UNKNOWN = "unknown_service";

/**
 * Where spans go, by the policy.
 *
 * @throws MeshError BAD_CONFIG when a secret cannot be read
 */
export async function openCollector(otlp: OtlpPolicy, serviceName: string = UNKNOWN): Promise<SpanSink> {
  const { url, queueSpans } = otlp;
  return otlpExport({ url, headers: await headersOf(otlp), serviceName, queueSpans });
}

/** Its headers, secrets read. @throws MeshError BAD_CONFIG when one cannot be */
export async function headersOf({ headers }: OtlpPolicy): Promise<Readonly<Record<string, string>>> {
  const values = Object.entries(headers).map(async ([name, secret]) => [name, await readSecret(secret)] as const);
  return Object.fromEntries(await Promise.all(values));
}
