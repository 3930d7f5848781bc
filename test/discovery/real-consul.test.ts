import { realConsul } from "../real/real-server.ts";
import { startRestartableConsul } from "../real/restartable-consul.ts";
import { registryStories, type StoryAgent } from "./registry-stories.ts";

const real = realConsul();

registryStories({
  name: "real Consul",
  ...(real.kind === "missing" ? { skip: real.skip } : {}),
  start: startReal,
});

async function startReal(httpPort?: number): Promise<StoryAgent> {
  if (real.kind === "missing") throw new Error(real.skip);
  return startRestartableConsul(real.binary, httpPort);
}
