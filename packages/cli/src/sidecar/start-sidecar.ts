import { type Policy, problemsOf, readSecret } from "@weft/config";
import type { Sidecar, SidecarOptions } from "@weft/sidecar";
import { listenProblem } from "../listen-problem.ts";
import { followPolicy, tellProblems } from "./follow-policy.ts";
import type { PolicySource } from "./policy-source.ts";
import { removeStaleSockets } from "./stale-sockets.ts";

/** Makes a sidecar. Given to the commands, so that tests can look at what they do with one. */
export type CreateSidecar = (options: SidecarOptions) => Promise<Sidecar>;

export interface StartPorts {
  /** Loads the sidecar when it is needed, so that other commands do not wait for it. */
  readonly load: () => Promise<CreateSidecar>;
  /** Whether the thread may wait for more frames of HTTP/2 to come together. */
  readonly coalesce: boolean;
  /** To standard error. */
  readonly log: (text: string) => void;
  /** Where access log lines go that the policy sends to standard output, when that is somebody else's. */
  readonly insteadOfStdout?: "stderr";
}

/** A sidecar that follows its policy file. */
export interface StartedSidecar {
  readonly kind: "started";
  readonly sidecar: Sidecar;
  /** The policy that counts now. */
  readonly policy: Policy;
  /** Reads the policy file now and tells the outcome. */
  reread(): void;
  /** No reload from now on; one that runs comes to its end first. */
  stopFollowing(): Promise<void>;
}

/** Why it did not start has been logged. */
export interface NotStarted {
  readonly kind: "not-started";
  /** 1: an address that cannot be had; 2: a policy that is wrong. */
  readonly code: 1 | 2;
}

/**
 * Reads the policy, starts the sidecar and follows the file.
 *
 * @throws whatever is neither a mistake in the policy nor an address that cannot be had
 */
export async function startSidecar(source: PolicySource, ports: StartPorts): Promise<StartedSidecar | NotStarted> {
  try {
    return await start(source, ports);
  } catch (error) {
    return { kind: "not-started", code: told(error, source, ports.log) };
  }
}

async function start(
  source: PolicySource,
  { load, coalesce, log, insteadOfStdout }: StartPorts,
): Promise<StartedSidecar> {
  const followed = await followPolicy(source, log);
  let { policy } = followed.first;
  const { to } = policy.telemetry.accessLog;
  const options: SidecarOptions = {
    policy,
    coalesce,
    log: ({ level, text }) => log(level === "info" ? text : `${level === "warn" ? "warning" : "error"}: ${text}`),
    ...(source.kind === "file" ? { config: { file: source.file, refused: () => followed.refused() } } : {}),
    ...(insteadOfStdout === undefined || to !== "stdout" ? {} : { accessLogTo: insteadOfStdout }),
  };
  let sidecar: Sidecar;
  try {
    await prepare(policy);
    sidecar = await (await load())(options);
  } catch (error) {
    await followed.close();
    throw error;
  }
  followed.follow(async (checked) => {
    await prepare(checked.policy);
    const { changes } = await sidecar.reload(checked.policy);
    ({ policy } = checked);
    return changes;
  });
  return {
    kind: "started",
    sidecar,
    get policy() {
      return policy;
    },
    reread: () => followed.reread(),
    stopFollowing: () => followed.close(),
  };
}

/**
 * What a policy needs of this machine.
 *
 * @throws MeshError BAD_CONFIG for a token that cannot be read, now rather than at the first call that needs it
 */
async function prepare(policy: Policy): Promise<void> {
  const { token } = policy.discovery.consul;
  if (token !== undefined) await readSecret(token);
  await removeStaleSockets(policy);
}

/** Logs what a user can mend. @throws the error when it is something else */
function told(error: unknown, source: PolicySource, log: (text: string) => void): 1 | 2 {
  const address = listenProblem(error);
  if (address !== undefined) {
    log(`${address.what}: ${messageOf(error)}`);
    return 1;
  }
  if (!isBadConfig(error)) throw error;
  const problems = problemsOf(error);
  tellProblems(problems, log, source);
  if (problems.length === 0) log(messageOf(error));
  return 2;
}

function isBadConfig(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "BAD_CONFIG";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
