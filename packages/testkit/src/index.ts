// Time and chance.
export { fakeTime } from "./fake-time.ts";
export type { FakeTime } from "./fake-time.ts";
export { seededRandom, sequenceRandom } from "./random.ts";
export type { SequenceRandom } from "./random.ts";

// What every picker keeps, to be run on one's own.
export { pickerConformance } from "./picker-conformance/picker-conformance.ts";
export type { PickerClaim } from "./picker-conformance/picker-conformance.ts";

// A registry whose answers the test decides.
export { memoryRegistry } from "./memory-registry/memory-registry.ts";
export type { EndpointLike, MemoryRegistry, MemoryRegistryOptions } from "./memory-registry/memory-registry.ts";

// What the mesh reported.
export { eventJournal } from "./event-journal.ts";
export type { EventJournal, JournalEntry } from "./event-journal.ts";

// Endpoints on real sockets that misbehave on cue.
export { fakeEndpoint } from "./fake-endpoint/fake-endpoint.ts";
export type { DefaultBehaviour, FakeEndpoint, FakeEndpointOptions } from "./fake-endpoint/fake-endpoint.ts";
export { fakeEndpoints } from "./fake-endpoint/fake-endpoints.ts";
export type { FakeEndpoints } from "./fake-endpoint/fake-endpoints.ts";
export type { Answer, Behaviour, ConnectionBehaviour, Echo, RequestBehaviour } from "./fake-endpoint/behaviour.ts";
export type { SeenRequest, WireRequest } from "./fake-endpoint/read-request.ts";
