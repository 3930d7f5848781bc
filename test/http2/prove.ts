import { expect } from "vitest";
import { codeOf, TYPE } from "./frames.ts";
import type { Role, Rule } from "./rule.ts";
import { scene, type Scene } from "./scene.ts";
import type { Serving } from "./serving.ts";

/** Sends what the rule is about, and holds what comes of it against its verdict. */
export async function prove(rule: Rule, role: Role, server?: () => Promise<Serving>): Promise<void> {
  const stage = await scene(role, rule.state ?? "open", server);
  const before = stage.peer.frames.length;
  stage.peer.send(rule.sends(stage));
  const { verdict } = rule;
  switch (verdict.kind) {
    case "connection error":
      expect(codeOf(await stage.peer.goaway())).toBe(verdict.code);
      await stage.peer.ending();
      return;
    case "stream error":
      expect(codeOf(await stage.peer.reset(stage.stream))).toBe(verdict.code);
      await stage.goesOn();
      expect(resets(stage, before)).toBe(1);
      return;
    case "ignored":
      await stage.peer.roundTrip();
      await stage.goesOn();
      expect(resets(stage, before)).toBe(0);
      return;
    case "answered":
      expect((await stage.peer.message(stage.stream)).status).toBe(String(verdict.status));
      await stage.goesOn();
      return;
    default:
      verdict satisfies never;
  }
}

/** Of the stream in question, since the rule was broken. */
function resets({ peer, stream }: Scene, since: number): number {
  return peer.frames.slice(since).filter((one) => one.type === TYPE.RST_STREAM && one.stream === stream).length;
}
