/**
 * The name of no host. It is unknown at once on every machine, whatever answers its questions of names: a label has 63
 * letters at most, so that nobody is asked. Source: RFC 1035 2.3.4.
 */
export const NO_SUCH_NAME: string = `${"n".repeat(64)}.invalid`;
