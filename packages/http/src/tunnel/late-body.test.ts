import { expect, test } from "vitest";
import type { BodySink } from "../wire/body.ts";
import { LateBody } from "./late-body.ts";

function sinkOf(told: string[], takes: boolean): BodySink {
  return {
    takesChunks: false,
    keeps: false,
    write: (bytes) => (told.push(bytes.toString()), takes),
    end: () => void told.push("end"),
    fail: () => void told.push("failed"),
  };
}

test("a body that begins late goes to the sink that was attached last, and ends once", () => {
  const body = new LateBody();
  const told: [string[], string[]] = [[], []];
  body.attach(sinkOf(told[0], true));
  body.attach(sinkOf(told[1], false));
  expect(body.write(Buffer.from("one"))).toBe(false);
  body.end();
  body.end();
  expect(told).toEqual([[], ["one", "end"]]);
});

test("whoever writes is told of room, and waits for nobody when there is no sink any more", () => {
  const body = new LateBody();
  const told: string[] = [];
  let room = 0;
  body.onRoom = () => void room++;
  body.attach(sinkOf(told, false));
  body.write(Buffer.from("one"));
  body.resume();
  body.cancel("over");
  expect(room).toBe(2);
  expect(body.write(Buffer.from("two"))).toBe(true);
  expect(told).toEqual(["one"]);
});
