import { type Endpoint, MeshError, type Watch, zoneOf } from "@weft/core";

/** Which instance of which service this process is. */
export interface Self {
  /** As the registry has it. */
  readonly service: string;
  /** Its id there; undefined: it does not know. */
  readonly id: string | undefined;
}

/** A place in a row that all of it count in the same order. */
export interface Place {
  /** How many there are, this one among them. */
  readonly clients: number;
  /** Its number, from 0 on. */
  readonly self: number;
}

/** This process among its peers: the instances of its own service, as the registry knows them. */
export interface PeerView {
  /** Its place among all; undefined: it is not among them, or does not know which it is. */
  readonly place: Place | undefined;
  /** Its zone, by its own entry. */
  readonly zone: string | undefined;
  /** Its place among those of its zone. */
  readonly placeInZone: Place | undefined;
  /** How many there are in each zone; those that say none are not counted. */
  readonly byZone: Readonly<Record<string, number>>;
}

/**
 * The peers of this process. They are watched while somebody follows them, and it is known who this process is.
 *
 * All that are registered count, whatever their checks say: who fails one may still make calls, and were it left out,
 * the places of all would move with each flap. A process that the registry forgets for a time keeps its place.
 */
export class Peers {
  readonly #open: (service: string) => Watch;
  readonly #listeners = new Set<() => void>();
  #self: Self | undefined = undefined;
  #watch: Watch | undefined = undefined;
  #view: PeerView | undefined = undefined;

  /** @param open starts a watch on a service of the registry */
  constructor(open: (service: string) => Watch) {
    this.#open = open;
  }

  /** Undefined: nobody has said who this process is, or the registry has not answered yet. */
  get view(): PeerView | undefined {
    return this.#view;
  }

  /** Its id in the registry. */
  get id(): string | undefined {
    return this.#self?.id;
  }

  /** Says who this process is. */
  identify(self: Self | undefined): void {
    if (self?.service === this.#self?.service && self?.id === this.#self?.id) return;
    this.#self = self;
    this.#stop();
    if (this.#listeners.size > 0) this.#start();
    this.#tell();
  }

  /** Calls `listener` whenever `view` may have changed. @returns the way to stop it */
  follow(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (this.#watch === undefined) this.#start();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stop();
    };
  }

  close(): void {
    this.#listeners.clear();
    this.#stop();
  }

  #start(): void {
    const watch = this.#opened();
    if (watch === undefined) return;
    this.#watch = watch;
    this.#see(watch);
    watch.subscribe(() => {
      this.#see(watch);
      this.#tell();
    });
  }

  /** Undefined also where it cannot be watched, as without the token that the registry wants: no call fails for its peers. */
  #opened(): Watch | undefined {
    try {
      return this.#self && this.#open(this.#self.service);
    } catch (error) {
      if (error instanceof MeshError) return undefined;
      throw error;
    }
  }

  #stop(): void {
    this.#watch?.close();
    this.#watch = this.#view = undefined;
  }

  #see({ membership }: Watch): void {
    if (membership.freshness.kind === "pending") return;
    const seen = viewOf(membership.endpoints, this.#self?.id);
    if (seen.place !== undefined || this.#view?.place === undefined) this.#view = seen;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** @param id of this process */
export function viewOf(peers: readonly Endpoint[], id: string | undefined): PeerView {
  const order = peers.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const own = id === undefined ? undefined : ownOf(order, id);
  const zone = own && zoneOf(own);
  const byZone: Record<string, number> = Object.create(null); // a zone may have any name
  for (const peer of order) {
    const its = zoneOf(peer);
    if (its !== undefined) byZone[its] = (Object.hasOwn(byZone, its) ? byZone[its]! : 0) + 1;
  }
  const near = order.filter((peer) => zoneOf(peer) === zone);
  return { place: placeOf(order, own), zone, placeInZone: zone === undefined ? undefined : placeOf(near, own), byZone };
}

/** Discovery by Consul calls an instance `node/id`, as ids are unique on one node only: where two have it, none is it. */
function ownOf(peers: readonly Endpoint[], id: string): Endpoint | undefined {
  const exact = peers.find((peer) => peer.id === id);
  const [first, ...others] = peers.filter((peer) => peer.id.endsWith(`/${id}`));
  return exact ?? (others.length === 0 ? first : undefined);
}

function placeOf(order: readonly Endpoint[], own: Endpoint | undefined): Place | undefined {
  return own === undefined ? undefined : { clients: order.length, self: order.indexOf(own) };
}
