import type { Scenario } from './scenario.ts';
import { startPostgres } from './postgres-server.ts';

/** Where a server of a test keeps its own data. */
export interface DatabaseChoice {
  readonly name: string;
  /** Starts what it needs, for as long as a scenario lasts. Returns what a server is told of it. */
  start(scenario: Scenario): Promise<{ databaseUrl?: string }>;
}

/** Both kinds: the embedded database, and a PostgreSQL. */
export const DATABASE_CHOICES: readonly DatabaseChoice[] = [
  { name: 'the embedded database', start: async () => ({}) },
  {
    name: 'PostgreSQL',
    async start(scenario) {
      const postgres = await startPostgres();
      scenario.defer(() => postgres.stop());
      return { databaseUrl: postgres.url };
    },
  },
];
