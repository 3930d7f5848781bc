import type { ParseArgsOptionsConfig } from "node:util";
import type { Given } from "../command.ts";

/** What `weft sidecar` and `weft run` take alike. */
export const SIDECAR_OPTIONS: ParseArgsOptionsConfig = {
  config: { type: "string" },
  listen: { type: "string" },
  upstream: { type: "string" },
  protocol: { type: "string" },
  "upstream-protocol": { type: "string" },
  "upstream-tls": { type: "boolean" },
  "upstream-ca": { type: "string" },
  balancer: { type: "string" },
  admin: { type: "string" },
  "tls-cert": { type: "string" },
  "tls-key": { type: "string" },
  "access-log": { type: "string" },
  drain: { type: "string" },
  "no-coalesce": { type: "boolean" },
};

/** Their lines in both helps. */
export const SIDECAR_OPTIONS_HELP = `With a policy file:
  FILE, --config FILE        YAML or JSON; its sidecar part says what to listen on. Followed while it changes

Without one, every call goes to one service:
  --listen ADDRESS           where to listen, such as 127.0.0.1:15001, 127.0.0.1:0 or unix:/run/weft.sock
  --upstream ADDRESS,...     its endpoints
  --protocol PROTOCOL        what callers speak: http, which is HTTP/1.1 and HTTP/2, or tcp (default http)
  --upstream-protocol P      what the endpoints speak: auto, http1, http2 or grpc (default auto: HTTP/2 for calls of
                             gRPC and where TLS agrees on it, HTTP/1.1 otherwise)
  --upstream-tls             TLS towards the endpoints
  --upstream-ca FILE         the same, with certificates that these authorities have signed (default the public ones)
  --tls-cert FILE            TLS towards the callers: the certificate, and those between it and its authority
  --tls-key FILE             its key
  --balancer KIND            how an endpoint is picked (default peak-ewma)
  --admin ADDRESS            where the admin API answers (default nowhere)

With and without:
  --access-log FORMAT        one line per call on standard output: json, text or off
  --drain DURATION           how long what runs may take at the end, such as 30s (default 20s)
  --no-coalesce              never wait, some 70 us at a time, for more frames of HTTP/2 to come together (default: on
                             Linux, while busy, where that makes calls cheaper and lets no fewer of them pass)
  -h, --help                 this text
`;

/** Options of the command line by name, and the file of either spelling. */
export interface SidecarFlags {
  readonly file: string | undefined;
  /** The value of an option; "" for one that takes none and is there. */
  readonly flag: (name: string) => string | undefined;
}

/** Options that say the policy in the place of a file. */
export const INSTEAD_OF_FILE = [
  "listen",
  "upstream",
  "protocol",
  "upstream-protocol",
  "upstream-tls",
  "upstream-ca",
  "tls-cert",
  "tls-key",
  "balancer",
  "admin",
] as const;

/** Whether the thread may wait for more frames of HTTP/2 to come together. */
export function mayCoalesce({ options }: Given): boolean {
  return options["no-coalesce"] !== true;
}

/** Reads the file's two spellings; `mistakes` gets what is wrong with them. */
export function sidecarFlags({ options, words }: Given, mistakes: string[]): SidecarFlags {
  const flag = (name: string): string | undefined => {
    const value = options[name];
    return value === true ? "" : typeof value === "string" ? value : undefined;
  };
  const [file = flag("config"), ...more] = words;
  if (words.length > 0 && flag("config") !== undefined)
    mistakes.push(`--config: ${JSON.stringify(words[0])} is a policy file already; one is enough`);
  for (const word of more) mistakes.push(`${JSON.stringify(word)} is not expected: one policy file is enough`);
  return { file, flag };
}
