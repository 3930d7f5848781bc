import { inspect } from "node:util";
import { type Events, type MeshEventName, type MeshEvents, meshEvents } from "@weft/core";

/** Told every event of a home. */
export type OnEvent = (name: MeshEventName, event: MeshEvents[MeshEventName]) => void;

/**
 * Makes the carrier of a home's events.
 *
 * What a listener throws, or how the promise of one breaks, is the process warning `WeftListenerWarning`, once for each
 * name of an event: `call.ended` may come a thousand times a second.
 *
 * @param onEvent told every event, before those who listen to it by name; absent: an event nobody listens to is not built
 */
export function homeEvents(onEvent?: OnEvent): Events {
  const warnedOf = new Set<MeshEventName>();
  const failed = (error: unknown, name: MeshEventName): void => {
    if (warnedOf.has(name)) return;
    warnedOf.add(name);
    const detail = `${inspect(error)}\nNo later failure of a listener of this event is shown.`;
    process.emitWarning(`a listener of ${name} failed`, { type: "WeftListenerWarning", detail });
  };
  const events = meshEvents(failed);
  return onEvent === undefined ? events : telling(events, onEvent, failed);
}

function telling(events: Events, onEvent: OnEvent, failed: (error: unknown, name: MeshEventName) => void): Events {
  return {
    wants: () => true,
    on: (name, listener) => events.on(name, listener),
    emit(name, event) {
      try {
        const told: unknown = onEvent(name, event);
        if (told instanceof Promise) told.catch((error: unknown) => failed(error, name));
      } catch (error) {
        failed(error, name);
      }
      events.emit(name, event);
    },
  };
}
