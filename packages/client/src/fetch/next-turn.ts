/** Something that waits for the turn of the event loop to end. */
export interface Turn {
  turned(): void;
}

let waiting: Turn[] = [];

/** Calls `turn.turned()` when what the event loop has ready has been read. One `setImmediate` serves all that wait. */
export function nextTurn(turn: Turn): void {
  if (waiting.length === 0) setImmediate(runAll);
  waiting.push(turn);
}

function runAll(): void {
  const ready = waiting;
  waiting = [];
  for (const turn of ready) turn.turned();
}
