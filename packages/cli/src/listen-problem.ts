/** Why an address cannot be listened on, and which half of it is wrong. */
export interface ListenProblem {
  readonly what: string;
  readonly wrong: "port" | "host";
}

/** What the system says about an address that cannot be taken; undefined for any other error. Causes are looked at too. */
export function listenProblem(error: unknown): ListenProblem | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = "code" in error ? error.code : undefined;
  switch (code) {
    case "EADDRINUSE":
      return { what: "the port is in use", wrong: "port" };
    case "EACCES":
      return { what: "this user may not take it", wrong: "port" };
    case "EADDRNOTAVAIL":
      return { what: "this machine does not have the address", wrong: "host" };
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return { what: "the host is not known", wrong: "host" };
    default:
      return listenProblem(error.cause);
  }
}
