import { connect } from "node:net";
import { createMesh, type Mesh } from "@weft/client";
import { Agent } from "undici";
import { type Observation, observe, type Reading } from "../fetch/observe.ts";
import { type Answer, rawServer } from "../fetch/raw-server.ts";

export type Fetch = typeof fetch;

/** What a caller sees of a call, and what the endpoint got. */
interface Side {
  readonly observed: unknown;
  readonly seen: readonly unknown[];
}

/** The built-in fetch and a mesh's, both on their way to the same server as `http://orders`. */
export interface BothFetches extends AsyncDisposable {
  readonly mesh: Mesh<string>;
  readonly builtin: Fetch;
  readonly ours: Fetch;
  /** The server answers so from now on. */
  become(answer: Answer): void;
  /** Makes a call, and writes down what can be seen of it but for what is meant to differ. */
  side(either: Fetch, answer: Answer, call: (f: Fetch) => Promise<Response>, how?: Reading): Promise<Side>;
}

export async function bothFetches(): Promise<BothFetches> {
  const server = await rawServer();
  const port = Number(new URL(server.origin).port);
  const mesh = createMesh({
    registry: { orders: [`127.0.0.1:${port}`] },
    services: { orders: { retry: "off", outliers: "off" } },
  });
  const agent = new Agent({
    connect: (_options, callback) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => callback(null, socket));
    },
  });
  return {
    mesh,
    builtin: (input, init) => fetch(input, { ...init, dispatcher: agent }),
    ours: (input, init) => mesh.fetch(input, init),
    become: (answer) => server.become(answer),
    async side(either, answer, call, how) {
      server.become(answer);
      const observed = withoutCauses(await observe(() => call(either), how));
      // The one header that the mesh adds, and a boundary that is drawn.
      const seen = server.seen.map(({ lines, body }) => ({
        lines: lines.filter((line) => !line.startsWith("x-request-deadline-ms: ")).map(withoutBoundary),
        body: withoutBoundary(Buffer.from(body, "hex").toString("latin1")),
      }));
      return { observed, seen };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([mesh.close({ drainMs: 0 }), agent.destroy()]);
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Behind "fetch failed" and "terminated" stands what the dispatcher says: of the mesh, a MeshError. */
function withoutCauses(observed: Observation): unknown {
  const causes = (key: string, value: unknown): unknown => (key === "cause" && value !== null ? "some" : value);
  return JSON.parse(JSON.stringify(observed, causes));
}

function withoutBoundary(text: string): string {
  return text.replaceAll(/formdata-undici-\d+/g, "boundary");
}
