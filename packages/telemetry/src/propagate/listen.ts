import { subscribe } from "node:diagnostics_channel";

/**
 * Is told when something begins, by Node or by undici. What a later version of them tells may have another shape; an app
 * must not end because a header could not be added, as it would by an error of a subscriber.
 *
 * @param told what the channel is known to tell
 */
export function listen<Told>(channel: string, begins: (told: Told) => void): void {
  subscribe(channel, (message) => {
    try {
      begins(message as Told); // see above
    } catch {
      // The request goes on without.
    }
  });
}
