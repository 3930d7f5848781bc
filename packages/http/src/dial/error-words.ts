/** Node's advice behind an unknown authority is for who starts Node: here a policy says which authorities count. */
const ADVICE = /; if the root CA is installed locally, .*$/;

/** What Node puts behind the address of a connect that has no address of its own yet. */
const NOWHERE = / - Local \(undefined:undefined\)$/;

/**
 * What an error of a socket says, for people: of OpenSSL's the reason alone, `tlsv13 alert certificate required`, without
 * the numbers and source lines around it.
 */
export function errorWords(error: Error): string {
  const reason = "reason" in error && typeof error.reason === "string" ? error.reason : "";
  // An error of a certificate's check has a reason as well, beside a message that says more.
  return reason !== "" && error.message.includes(`:${reason}:`)
    ? reason
    : error.message.replace(ADVICE, " (tls.ca)").replace(NOWHERE, "");
}
