import { createHmac, randomBytes } from 'node:crypto';

/** Makes secrets easy to find for those who scan code and logs for them. */
const SECRET_MARK = 'mutt_webhook_';

/** 256 random bits. */
export function newSecret(): string {
  return `${SECRET_MARK}${randomBytes(32).toString('base64url')}`;
}

/** What the receiver checks: that we sent this body, and when. */
export function signatureOf(secret: string, timestamp: string, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}
