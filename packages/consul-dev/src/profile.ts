/** Whose behaviour is shown, where Consul's versions differ. */
export type Profile = "1.8" | "1.21" | "2.1";

/** The version an agent of this profile names in `/v1/agent/self`. */
export const VERSIONS: Readonly<Record<Profile, string>> = { "1.8": "1.8.7", "1.21": "1.21.0", "2.1": "2.1.0" };
