import { describe, expect, test } from "vitest";
import { fetchHome, sdkHome } from "./sdk-home.ts";
import { sidecarHome } from "./sidecar-home.ts";
import { BALANCING } from "./stories/balancing.ts";
import { EJECTING } from "./stories/ejecting.ts";
import { generated } from "./stories/generated.ts";
import { FAILING } from "./stories/failing.ts";
import { STANDING_DIFFERENCES } from "./standing-differences.ts";
import { SESSIONS } from "./stories/sessions.ts";
import { SHAPING } from "./stories/shaping.ts";
import { play } from "./story.ts";

/** Each from another seed: the same ones in every run. */
const GENERATED = Array.from({ length: 20 }, (_, i) => generated(i + 1));

describe("SDK and sidecar decide alike", () => {
  test.each([...BALANCING, ...FAILING, ...EJECTING, ...SHAPING, ...SESSIONS, ...GENERATED])("$name", async (story) => {
    const sdk = await play(story, sdkHome);
    expect(await play(story, sidecarHome)).toEqual(sdk);
    expect(await play(story, fetchHome)).toEqual(sdk);
    const { verdicts, bodies } = story;
    if (verdicts !== undefined) expect(sdk.told.map(({ verdict }) => verdict)).toEqual(verdicts);
    if (bodies !== undefined) expect(sdk.told.map(({ body }) => body)).toEqual(bodies);
  });
});

describe("where they are meant to differ", () => {
  const played = STANDING_DIFFERENCES.flatMap(({ story, ...rest }) =>
    story === undefined ? [] : [{ story, ...rest }],
  );

  test.each(played)("$what", async ({ story, sdk, sidecar }) => {
    expect((await play(story, sdkHome)).told.map(({ verdict }) => verdict)).toEqual(sdk);
    expect((await play(story, sidecarHome)).told.map(({ verdict }) => verdict)).toEqual(sidecar);
  });
});
