/** Keeps an audit trail as a server does; tells where it stands when asked. */
import { DynamicConfig } from '@mutt/dynamic-config';
import { openAudited } from '../packages/server/test/audited.ts';
import { EmbeddedDatabase } from '../packages/server/src/embedded/embedded-database.ts';
import { PostgresDatabase } from '../packages/server/src/postgres/postgres-database.ts';
import { endWithParent, tellParent } from './bench-process.ts';

endWithParent();
const [redisUrl = '', databaseUrl = ''] = process.argv.slice(2);
const database = databaseUrl.startsWith('postgres:')
  ? await PostgresDatabase.open(databaseUrl)
  : await EmbeddedDatabase.open(databaseUrl);
const audited = openAudited(redisUrl, database);
const config = await DynamicConfig.connect(redisUrl);
audited.follow(config);
process.on('message', () => {
  void audited.trail.head().then(({ log }) => tellParent({ recorded: log.revision }));
});
tellParent('ready');
