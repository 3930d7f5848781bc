// Nothing yet.
export const pending = true;
