import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where a command of PostgreSQL is: Debian puts them where no PATH leads. null: nowhere. */
export function postgresCommand(command) {
  for (const folder of postgresFolders()) {
    if (existsSync(join(folder, command))) return join(folder, command);
  }
  return null;
}

function postgresFolders() {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(':'),
  ];
  return folders.filter((folder) => folder !== '');
}
