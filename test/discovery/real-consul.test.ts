import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realConsul, startRealConsul } from "../real/real-server.ts";
import { registryStories, type StoryAgent } from "./registry-stories.ts";

const real = realConsul();

registryStories({
  name: "real Consul",
  ...(real.kind === "missing" ? { skip: real.skip } : {}),
  start: startReal,
});

async function startReal(httpPort?: number): Promise<StoryAgent> {
  if (real.kind === "missing") throw new Error(real.skip);
  const { binary } = real;
  // Even in development mode an agent keeps its services and checks on disk when it is given a folder.
  const folder = await mkdtemp(join(tmpdir(), "weft-consul-data-"));
  const args = [`-data-dir=${folder}`];
  let running = await startRealConsul(binary, httpPort === undefined ? { args } : { args, httpPort });
  const { url, port } = running;
  return {
    url,
    port,
    kill: () => running.stop(),
    async restart() {
      running = await startRealConsul(binary, { args, httpPort: port });
    },
    async close() {
      await running.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
