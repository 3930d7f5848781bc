import type { Sidecar, SidecarListener } from "@weft/sidecar";

/** The one line that says that every listener accepts. */
export function readyLine(listeners: readonly SidecarListener[]): string {
  const shown = listeners.map(({ name, address, protocol }) => ({ name, address, protocol }));
  return `${JSON.stringify({ ready: true, listeners: shown })}\n`;
}

const LONG_MS = 5_000;
const LONG =
  "not ready yet: it listens, and waits to hear of every service in its policy; /ready of the admin API says which";

/**
 * Waits until the sidecar is ready or somebody ends it, whichever comes first.
 *
 * @throws why it cannot become ready; it is closed then
 */
export async function readyOr<T>(
  ended: Promise<T>,
  sidecar: Sidecar,
  log: (text: string) => void,
): Promise<"ready" | T> {
  const long = setTimeout(() => log(LONG), LONG_MS);
  try {
    return await Promise.race([sidecar.ready.then(() => "ready" as const), ended]);
  } catch (error) {
    await sidecar.close();
    throw error;
  } finally {
    clearTimeout(long);
  }
}
