import type { LocalAgent } from "../agent/local-agent.ts";
import type { Profile } from "../profile.ts";
import type { Catalog } from "../store/catalog.ts";
import type { Ledger } from "../store/ledger.ts";
import type { Random, Time } from "../time.ts";
import type { Asked, Question } from "./blocking-reader.ts";
import type { Reply } from "./reply.ts";

/** All that the routes speak about. */
export interface World {
  readonly nodeName: string;
  readonly nodeId: string;
  readonly datacenter: string;
  readonly profile: Profile;
  readonly time: Time;
  readonly random: Random;
  readonly ledger: Ledger;
  readonly catalog: Catalog;
  /** The agent of the moment. */
  readonly agent: LocalAgent;
  read(asked: Asked, question: Question): Promise<Reply>;
}
