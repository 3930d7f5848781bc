// Time and chance.
export { fakeTime } from "./fake-time.ts";
export type { FakeTime } from "./fake-time.ts";
export { seededRandom, sequenceRandom } from "./random.ts";
export type { SequenceRandom } from "./random.ts";

// A registry whose answers the test decides.
export { memoryRegistry } from "./memory-registry/memory-registry.ts";
export type { EndpointLike, MemoryRegistry, MemoryRegistryOptions } from "./memory-registry/memory-registry.ts";

// What the mesh reported.
export { eventJournal } from "./event-journal.ts";
export type { EventJournal, JournalEntry } from "./event-journal.ts";
