import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import type { Database } from '../database/database.ts';
import type { AuditHead } from './audit-trail.ts';

/** What the trail held at a moment, for keeping elsewhere: whoever shortens or rewrites the trail later is found out. */
export interface SignedHead {
  readonly trailId: string;
  /** Of the last record. */
  readonly id: number;
  readonly hash: string;
  readonly signedAt: string;
  /** Ed25519, SPKI in base64. */
  readonly publicKey: string;
  /** Over the other fields, in this order, each followed by a newline; base64. */
  readonly signature: string;
}

/** Signs where the trail stands, with a key of its own. */
export async function signHead(database: Database, head: AuditHead, now: number): Promise<SignedHead> {
  const { privateKey, publicKey } = await signingKey(database);
  const told = {
    trailId: head.trailId,
    id: head.id,
    hash: head.hash,
    signedAt: new Date(now).toISOString(),
    publicKey,
  };
  const key = createPrivateKey({ key: Buffer.from(privateKey, 'base64'), format: 'der', type: 'pkcs8' });
  return { ...told, signature: sign(null, textOf(told), key).toString('base64') };
}

/** Whether a head was signed by the key of this trail. */
export async function isOurHead(database: Database, head: SignedHead): Promise<boolean> {
  const { publicKey } = await signingKey(database);
  if (head.publicKey !== publicKey) return false;
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
  return verify(null, textOf(head), key, Buffer.from(head.signature, 'base64'));
}

function textOf({ trailId, id, hash, signedAt, publicKey }: Omit<SignedHead, 'signature'>): Buffer {
  return Buffer.from([trailId, id, hash, signedAt, publicKey].map((field) => `${field}\n`).join(''));
}

/** The trail's key pair, made when first needed. */
async function signingKey(database: Database): Promise<{ privateKey: string; publicKey: string }> {
  return database.run(async (db) => {
    const query = db.selectFrom('audit_signing_key').select(['private_key', 'public_key']);
    let stored = await query.executeTakeFirst();
    if (stored === undefined) {
      const { privateKey, publicKey } = generateKeyPairSync('ed25519', {
        privateKeyEncoding: { format: 'der', type: 'pkcs8' },
        publicKeyEncoding: { format: 'der', type: 'spki' },
      });
      const pair = { private_key: privateKey.toString('base64'), public_key: publicKey.toString('base64') };
      // Another server may have made one meanwhile: that counts.
      await db
        .insertInto('audit_signing_key')
        .values(pair)
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      stored = await query.executeTakeFirstOrThrow();
    }
    return { privateKey: stored.private_key, publicKey: stored.public_key };
  });
}
