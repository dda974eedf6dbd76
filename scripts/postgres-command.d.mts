/** Where a command of PostgreSQL is: Debian puts them where no PATH leads. null: nowhere. */
export function postgresCommand(command: string): string | null;
