// Time and chance.
export { fakeTime } from "./fake-time.ts";
export type { FakeTime } from "./fake-time.ts";
export { seededRandom, sequenceRandom } from "./random.ts";
export type { SequenceRandom } from "./random.ts";
