export { startServer } from './compose.ts';
export type { RunningServer } from './compose.ts';
export type { EntriesOptions, LogLevel, ServerOptions } from './options.ts';
export { StartupError } from './startup-error.ts';
export type { AdminKey } from './auth/admin-key.ts';
export type { ApiKey } from './auth/api-key.ts';
export type { Role } from './auth/principal.ts';
