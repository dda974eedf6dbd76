/** Builds the web UI, when a source of it is newer than the last build. */
export function ensureWebUiBuilt(): void;
