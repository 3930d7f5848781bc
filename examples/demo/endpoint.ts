import { register } from "@weft/discovery";

/** What an endpoint of the demo can be told to be. */
export type Manner = "well" | "slow" | "failing";

const ANSWER_MS = 20;

/** How long an answer takes, in ms: never twice the same. */
export function answerMs(manner: Manner): number {
  return (manner === "slow" ? ANSWER_MS * 10 : ANSWER_MS) * (0.75 + 0.5 * Math.random());
}

/** An endpoint that accepts, as a process of its own. */
export interface DemoEndpoint {
  readonly consulUrl: string;
  readonly service: string;
  /** Also its id in Consul. */
  readonly name: string;
  readonly port: number;
  become(manner: Manner): void;
  /** Takes nothing new. */
  close(): void;
}

/** Registers it in Consul, tells the stage, and does what that says, until it is told to end. */
export async function runEndpoint({ consulUrl, service, name, port, become, close }: DemoEndpoint): Promise<void> {
  const registration = register({
    url: consulUrl,
    name: service,
    id: name,
    address: "127.0.0.1",
    port,
    check: { ttlMs: 6_000 },
  });
  await registration.ready();
  process.send?.({ kind: "ready", port });

  process.on("message", become);
  process.on("SIGINT", () => {}); // Ctrl-C reaches every process of the terminal: the stage ends this one in its turn
  const orphaned = (): void => process.exit(); // the stage has crashed
  process.once("disconnect", orphaned);
  process.once("SIGTERM", async () => {
    process.off("disconnect", orphaned);
    await registration.close({ drainMs: 300 });
    close();
    process.disconnect?.();
  });
}
