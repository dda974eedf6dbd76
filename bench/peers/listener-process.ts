/** A process that a peer tells of each value. */
import { endWithParent, tellParent } from '../bench-process.ts';
import type { Told } from '../listener-process.ts';
import { peers } from './peers.ts';

endWithParent();
const [, , name = '', port = ''] = process.argv;
const connection = await peers.find((peer) => peer.name === name)?.connect(Number(port));
await connection?.watch((id) => tellParent({ id, atNs: String(process.hrtime.bigint()) } satisfies Told));
tellParent('ready');
