import { startAgent } from "@weft/consul-dev";
import { registryStories } from "./registry-stories.ts";

registryStories({
  name: "consul-dev",
  async start(port = 0) {
    const { url, port: own, faults, close } = await startAgent({ port });
    return { url, port: own, kill: faults.goAway, restart: faults.restart, close };
  },
});
