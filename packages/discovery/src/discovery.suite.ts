import type { Discovery, Membership, Watch } from "@weft/core";
import { describe, expect, onTestFinished, test } from "vitest";

/** A source under test, and the hand of the one who operates it. Its service is `orders`, on port 80 of each host. */
export interface Source {
  readonly discovery: Discovery;
  /** Makes the source say this from now on. Absent where nothing ever changes. */
  readonly say?: (hosts: readonly string[]) => Promise<void> | void;
  /** Makes the source unable to answer. Absent where it always can. */
  readonly fail?: () => Promise<void> | void;
  /** Takes down whatever the test set up around the discovery. */
  readonly cleanUp?: () => Promise<void> | void;
}

/**
 * What every discovery must do. A new one joins by one line:
 *
 *   describeDiscovery("static", (hosts) => ({ discovery: staticDiscovery(...) }), { fixed: true });
 *
 * A `fixed` one never changes: what is about changes is not asked of it.
 */
export function describeDiscovery(
  name: string,
  start: (hosts: readonly string[]) => Promise<Source> | Source,
  { fixed = false }: { readonly fixed?: boolean } = {},
): void {
  async function source(hosts: readonly string[]): Promise<Source> {
    const made = await start(hosts);
    onTestFinished(async () => {
      await made.discovery.close();
      await made.cleanUp?.();
    });
    return made;
  }

  describe(`${name} as a discovery`, () => {
    test("resolves ready with the first answer, and with the same one afterwards", async () => {
      const { discovery } = await source(["10.0.0.1", "10.0.0.2"]);
      const watch = discovery.watch("orders");
      const membership = await watch.ready();
      expect(hostsOf(membership)).toEqual(["10.0.0.1", "10.0.0.2"]);
      expect(membership.freshness.kind).toBe("live");
      expect(membership.version).toBeGreaterThan(0);
      expect(hostsOf(await watch.ready())).toEqual(hostsOf(watch.membership));
    });

    test("an empty first answer is an answer", async () => {
      const { discovery } = await source([]);
      const { endpoints, freshness } = await discovery.watch("orders").ready();
      expect(endpoints).toEqual([]);
      expect(freshness.kind).toBe("live");
    });

    test("two watches of one service see the same, and one outlives the other", async () => {
      const { discovery } = await source(["10.0.0.1"]);
      const [one, two] = [discovery.watch("orders"), discovery.watch("orders")];
      await one.ready();
      one.close();
      expect(hostsOf(await two.ready())).toEqual(["10.0.0.1"]);
    });

    test("ready rejects with the reason when its signal has aborted", async () => {
      const { discovery } = await source(["10.0.0.1"]);
      const reason = new Error("not wanted any more");
      await expect(discovery.watch("orders").ready(AbortSignal.abort(reason))).rejects.toBe(reason);
    });

    test("a closed watch calls nobody, and closing again does nothing", async () => {
      const { discovery, say } = await source(["10.0.0.1"]);
      const [closed, open] = [discovery.watch("orders"), discovery.watch("orders")];
      await closed.ready();
      closed.subscribe(() => expect.unreachable("a listener ran after its watch was closed"));
      closed.close();
      closed.close();
      const changed = say === undefined ? undefined : until(open, (membership) => membership.endpoints.length === 2);
      await say?.(["10.0.0.1", "10.0.0.2"]);
      await changed;
    });

    test("closing the discovery ends every watch, and a new one is refused", async () => {
      const { discovery } = await source(["10.0.0.1"]);
      const watch = discovery.watch("orders");
      await watch.ready();
      watch.subscribe(() => expect.unreachable("a listener ran after the discovery was closed"));
      await discovery.close();
      await discovery.close();
      expect(() => discovery.watch("orders")).toThrow(expect.objectContaining({ code: "CLOSED" }));
    });

    test("closing before the first answer rejects ready, unless there is one already", async () => {
      const { discovery } = await source(["10.0.0.1"]);
      const watch = discovery.watch("orders");
      const ready = watch.ready().catch((error: unknown) => error);
      await discovery.close();
      const settled = await ready;
      if (settled instanceof Error) expect(settled).toMatchObject({ code: "CLOSED", service: "orders" });
    });

    if (fixed) return;

    test("follows changes, and tells the listeners of each watch", async () => {
      const { discovery, say } = await source(["10.0.0.1"]);
      if (say === undefined) expect.unreachable("a source that is not fixed can be changed");
      const watch = discovery.watch("orders");
      const { version } = await watch.ready();
      const changed = until(watch, (membership) => membership.endpoints.length === 2);
      await say(["10.0.0.1", "10.0.0.2"]);
      const membership = await changed;
      expect(hostsOf(membership)).toEqual(["10.0.0.1", "10.0.0.2"]);
      expect(membership.version).toBeGreaterThan(version);
    });

    test("a listener may unsubscribe itself and others during a notification", async () => {
      const { discovery, say } = await source(["10.0.0.1"]);
      if (say === undefined) expect.unreachable("a source that is not fixed can be changed");
      const watch = discovery.watch("orders");
      await watch.ready();
      const called: string[] = [];
      const stopFirst = watch.subscribe(() => {
        called.push("first");
        stopFirst();
        stopSecond();
        watch.subscribe(() => called.push("late"));
      });
      const stopSecond = watch.subscribe(() => called.push("second"));
      const changed = until(watch, (membership) => membership.endpoints.length === 2);
      await say(["10.0.0.1", "10.0.0.2"]);
      await changed;
      expect(called).toEqual(["first"]);
    });

    test("keeps the last good endpoints while the source fails, says so, and recovers", async () => {
      const { discovery, say, fail } = await source(["10.0.0.1", "10.0.0.2"]);
      if (say === undefined || fail === undefined) expect.unreachable("a source that is not fixed can be changed");
      const watch = discovery.watch("orders");
      await watch.ready();
      const stale = until(watch, ({ freshness }) => freshness.kind === "stale");
      await fail();
      const during = await stale;
      expect(hostsOf(during)).toEqual(["10.0.0.1", "10.0.0.2"]);
      expect(during.freshness).toMatchObject({ kind: "stale", error: expect.stringMatching(/./) });
      const live = until(watch, ({ freshness, endpoints }) => freshness.kind === "live" && endpoints.length === 3);
      await say(["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
      expect(hostsOf(await live)).toEqual(["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
    });
  });
}

/** Resolves with the first membership of which `holds`, which may be the one that is there. */
export function until(watch: Watch, holds: (membership: Membership) => boolean): Promise<Membership> {
  const { promise, resolve } = Promise.withResolvers<Membership>();
  if (holds(watch.membership)) resolve(watch.membership);
  else {
    const stop = watch.subscribe((membership) => {
      if (!holds(membership)) return;
      stop();
      resolve(membership);
    });
  }
  return promise;
}

export function hostsOf({ endpoints }: Membership): string[] {
  return endpoints.map(({ host }) => host).toSorted();
}
