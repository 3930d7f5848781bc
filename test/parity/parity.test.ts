import { describe, expect, test } from "vitest";
import { sdkHome } from "./sdk-home.ts";
import { sidecarHome } from "./sidecar-home.ts";
import { BALANCING } from "./stories/balancing.ts";
import { EJECTING } from "./stories/ejecting.ts";
import { FAILING } from "./stories/failing.ts";
import { SHAPING } from "./stories/shaping.ts";
import { play } from "./story.ts";

describe("SDK and sidecar decide alike", () => {
  test.each([...BALANCING, ...FAILING, ...EJECTING, ...SHAPING])("$name", async (story) => {
    const sdk = await play(story, sdkHome);
    const sidecar = await play(story, sidecarHome);
    expect(sidecar).toEqual(sdk);
    const { verdicts } = story;
    if (verdicts !== undefined) expect(sdk.told.map(({ verdict }) => verdict)).toEqual(verdicts);
  });
});
