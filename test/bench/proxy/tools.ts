import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { env } from "node:process";

/** Programs that are not ours. */
type ToolName = "haproxy" | "nginx" | "envoy" | "wrk" | "h2load";

export interface Tools {
  /** @returns undefined when this machine has it not, and it could not be had */
  path(name: ToolName): string | undefined;
  /** The environment for all of them: they find their unpacked libraries by it. */
  readonly env: NodeJS.ProcessEnv;
}

const SCRIPT = join(import.meta.dirname, "..", "..", "..", ".ci", "peers");

/** Fetches what is missing (some seconds, once) and says where everything is. What cannot be had is named on stderr. */
export function findTools(): Tools {
  const text = execFileSync("bash", [SCRIPT], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  const paths = new Map<string, string>();
  for (const line of text.trim().split("\n")) {
    const [name, path] = line.split("\t");
    if (name !== undefined && path !== undefined && path !== "") paths.set(name, path);
  }
  const libraries = [paths.get("libraries"), env["LD_LIBRARY_PATH"]].filter((folder) => folder !== undefined);
  return {
    path: (name) => paths.get(name),
    env: libraries.length === 0 ? env : { ...env, LD_LIBRARY_PATH: libraries.join(":") },
  };
}
