import type { Events, MeshEventName, MeshEvents } from "@weft/core";
import { EVENT_NAMES, eventLine } from "./event-line.ts";
import { waits } from "./waits.ts";

/** One event as it was reported. */
export type JournalEntry = {
  readonly [Name in MeshEventName]: { readonly name: Name; readonly event: MeshEvents[Name] };
}[MeshEventName];

/** Every event of one mesh, in the order in which they were reported. */
export interface EventJournal {
  readonly entries: readonly JournalEntry[];
  /** The events of one name. */
  of<Name extends MeshEventName>(name: Name): MeshEvents[Name][];
  /** One line in words for each event: for a test's message, or to compare a whole story at once. */
  lines(): string[];
  /**
   * Resolves with the first event of this name that satisfies the predicate and that `next` has not given out before;
   * at once when it is recorded already. So a test may ask before or after the event: it misses none and gets none
   * twice.
   *
   * @throws the signal's reason when it aborts first; Error with all lines when the journal is closed first
   */
  next<Name extends MeshEventName>(
    name: Name,
    predicate?: (event: MeshEvents[Name]) => boolean,
    signal?: AbortSignal,
  ): Promise<MeshEvents[Name]>;
  /** Stops recording. What is recorded stays readable. */
  close(): void;
}

/** Starts to record what this carrier of events carries. */
export function eventJournal(events: Events): EventJournal {
  const entries: JournalEntry[] = [];
  const given = new Set<JournalEntry>();
  const { until, check, end } = waits();

  function record<Name extends MeshEventName>(name: Name): () => void {
    return events.on(name, (event) => {
      // `name` and `event` belong together: `on` ties them by the same type parameter.
      entries.push({ name, event } as unknown as JournalEntry);
      check();
    });
  }

  const stops = EVENT_NAMES.map((name) => record(name));
  const lines = (): string[] => entries.map(eventLine);

  return {
    entries,
    of: (name) => entries.flatMap((entry) => eventsOf(entry, name)),
    lines,
    async next(name, predicate = () => true, signal) {
      let found: JournalEntry | undefined;
      const find = (): boolean => {
        found = entries.find((entry) => !given.has(entry) && eventsOf(entry, name).some(predicate));
        if (found !== undefined) given.add(found);
        return found !== undefined;
      };
      await until(`event ${name}`, find, signal);
      const [event] = found === undefined ? [] : eventsOf(found, name);
      if (event === undefined) throw new Error(`event ${name}: waited for and not found`);
      return event;
    },
    close() {
      for (const stop of stops) stop();
      end((what) => new Error(`${what} did not come before the journal was closed; it holds:\n${lines().join("\n")}`));
    },
  };
}

/** The entry's event in a list, when it has this name; else an empty list. */
function eventsOf<Name extends MeshEventName>(entry: JournalEntry, name: Name): MeshEvents[Name][] {
  // An entry's event belongs to its name, and that is the one asked for.
  return entry.name === name ? [entry.event as MeshEvents[Name]] : [];
}
