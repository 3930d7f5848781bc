import type { Clock } from "@weft/core";

/** Of the sums that say how busy the thread is, so much is left after a turn. */
const KEPT = 0.95;
/** Of a thread that works for a smaller share of its time, waits left out, no call is delayed. */
const BUSY = 0.5;
/** A turn that takes longer, in ms, has brought enough by itself. */
const SHORT_TURN_MS = 0.15;
/** When the thread had nothing to do for so long, in ms, what was measured before is of another load. A longer pause counts for no more. */
const PAUSE_MS = 5;
/** Turns that are measured together. */
const EPOCH_TURNS = 128;
/** With waits a message has to cost so much of what it costs without, at most, */
const CHEAPER = 0.9;
/** and so many times as many of them have to pass in a second, at least. */
const AS_MANY = 0.97;
/** Epochs from one trial to the next, at first and at most: they double while trials change nothing. */
const FIRST_TRIAL = 4;
const LAST_TRIAL = 32;
/** A trial ends behind so many turns when only so many times as many messages passed in a second. */
const ENOUGH_TURNS = 32;
const FAR_FEWER = 0.85;

export interface CoalescingPorts {
  nowMs(): number;
  /** Blocks the thread for some tens of microseconds. */
  wait(): void;
}

/** What came of one epoch. */
interface Epoch {
  /** The thread's time, in ms. */
  readonly costOfMessage: number;
  readonly messagesPerMs: number;
}

/**
 * Lets more frames come together where each turn of the event loop brings few of many: after such a turn the thread
 * sleeps for a moment, and finds in one read what it would have been woken up for several times. Network cards do so
 * with interrupts, for the same reason: to be woken, to read and to write costs more than a message.
 *
 * Whether it pays is tried, and tried again: an epoch of 128 turns with waits against one without. Waits begin when a
 * message then costs less and no fewer pass in a second, twice in a row, and end when once it is not so. So a caller who
 * has its next call wait for the answer is not slowed down: of it fewer would pass. Nor is anybody while the thread has
 * time; nor while it has none, for turns are long then.
 */
export class Coalescing {
  /** Waits so far. */
  waits = 0;
  readonly #ports: CoalescingPorts;
  /** When bytes were first read in this turn; -1: not yet. */
  #beganMs = -1;
  #endedMs: number;
  #busyMs = 0;
  #spanMs = 0;

  #pays = false;
  #trying = false;
  #untilTrial = FIRST_TRIAL;
  #trialEvery = FIRST_TRIAL;
  /** The last trial spoke for waits. */
  #promising = false;
  /** The last epoch that was no trial. */
  #usual: Epoch = { costOfMessage: 0, messagesPerMs: 0 };

  // Of this epoch.
  #sinceMs: number;
  #turns = 0;
  #busyTurns = 0;
  #messages = 0;
  #workedMs = 0;

  constructor(ports: CoalescingPorts) {
    this.#ports = ports;
    this.#endedMs = this.#sinceMs = ports.nowMs();
  }

  /** Bytes were read. */
  began(nowMs: number): void {
    if (this.#beganMs < 0) this.#beganMs = nowMs;
  }

  /** What is to be sent has been handed to the kernel. @param messages heads among it, of requests and of answers */
  ended(messages: number): void {
    const nowMs = this.#ports.nowMs();
    const tookMs = this.#beganMs < 0 ? 0 : nowMs - this.#beganMs;
    this.#beganMs = -1;
    if (nowMs - tookMs - this.#endedMs > PAUSE_MS) this.#beginEpoch(nowMs - tookMs);
    this.#busyMs = this.#busyMs * KEPT + tookMs;
    this.#spanMs = this.#spanMs * KEPT + Math.min(nowMs - this.#endedMs, PAUSE_MS);
    this.#endedMs = nowMs;
    this.#messages += messages;
    this.#workedMs += tookMs;
    const busy = this.#busyMs > this.#spanMs * BUSY;
    if (busy) this.#busyTurns++;
    if (++this.#turns === EPOCH_TURNS) this.#learn(nowMs);
    else if (this.#turns === ENOUGH_TURNS && this.#trying && !this.#pays) this.#endHopelessTrial(nowMs);
    // Of whatever is usual, a trial is the other.
    if (!busy || tookMs > SHORT_TURN_MS || this.#pays === this.#trying) return;
    this.waits++;
    this.#ports.wait();
    this.#endedMs = this.#ports.nowMs();
  }

  #endHopelessTrial(nowMs: number): void {
    if (this.#messages > this.#usual.messagesPerMs * (nowMs - this.#sinceMs) * FAR_FEWER) return;
    this.#settle(false);
    this.#beginEpoch(nowMs);
  }

  #learn(nowMs: number): void {
    const epoch: Epoch = {
      costOfMessage: this.#workedMs / this.#messages,
      messagesPerMs: this.#messages / (nowMs - this.#sinceMs),
    };
    const wasBusy = this.#busyTurns * 2 > EPOCH_TURNS && this.#messages > 0;
    this.#beginEpoch(nowMs);
    if (!wasBusy) {
      if (this.#pays || this.#trying) this.#settle(false);
    } else if (this.#trying) this.#judge(epoch);
    else {
      this.#usual = epoch;
      this.#trying = --this.#untilTrial <= 0;
    }
  }

  #judge(trial: Epoch): void {
    const pays = this.#pays ? isBetter(this.#usual, trial) : isBetter(trial, this.#usual);
    if (!pays || this.#pays || this.#promising) return this.#settle(pays);
    this.#promising = true;
    this.#trying = false;
    this.#untilTrial = 1;
  }

  #beginEpoch(nowMs: number): void {
    this.#sinceMs = nowMs;
    this.#turns = this.#busyTurns = this.#messages = this.#workedMs = 0;
  }

  #settle(pays: boolean): void {
    this.#trialEvery = pays === this.#pays ? Math.min(this.#trialEvery * 2, LAST_TRIAL) : FIRST_TRIAL;
    this.#untilTrial = this.#trialEvery;
    this.#pays = pays;
    this.#trying = this.#promising = false;
  }
}

/** @param waiting an epoch with waits @param plain one without */
function isBetter(waiting: Epoch, plain: Epoch): boolean {
  return waiting.costOfMessage < plain.costOfMessage * CHEAPER && waiting.messagesPerMs > plain.messagesPerMs * AS_MANY;
}

/** How long a wait is asked to last, in ms. With the slack that Linux has for sleepers, 50 us, it takes some 70 us. */
const WAIT_MS = 0.02;
const NEVER_WOKEN = new Int32Array(new SharedArrayBuffer(4));

/** Of this thread; undefined: it never waits. */
export let coalescing: Coalescing | undefined = undefined;

function sleep(): void {
  Atomics.wait(NEVER_WOKEN, 0, 0, WAIT_MS);
}

/**
 * Has HTTP/2 of this thread coalesce turns from now on. For a process that does nothing else: the wait is one of the
 * thread, with everything on it. For Linux: elsewhere a sleeper may be woken up milliseconds later.
 *
 * @param clock of the connections
 * @param wait for tests
 */
export function coalesceTurns(clock: Clock, wait: () => void = sleep): void {
  coalescing ??= new Coalescing({ nowMs: () => clock.nowMs(), wait });
}

/** How often this thread has waited for more. */
export function coalescedWaits(): number {
  return coalescing?.waits ?? 0;
}
