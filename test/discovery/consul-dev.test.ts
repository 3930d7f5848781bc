import { type DevAgent, startAgent } from "@weft/consul-dev";
import { registryStories, type StoryAgent } from "./registry-stories.ts";

for (const profile of ["1.8", "1.21"] as const) {
  registryStories({
    name: `consul-dev, profile ${profile}`,
    start: async (port = 0) => asStory(await startAgent({ profile, port })),
  });
}

function asStory(agent: DevAgent): StoryAgent {
  const { url, port, faults } = agent;
  return { url, port, kill: faults.goAway, restart: faults.restart, close: agent.close };
}
