import { ClientOfflineError, ErrorReply, SocketClosedUnexpectedlyError } from '@redis/client';
import { describe, expect, it } from 'vitest';
import type { Redis } from '../pipeline/redis.ts';
import { Intake } from './intake.ts';

/** On a Redis that answers every script so. */
function intakeOn(answer: () => Promise<unknown>, ingest_max_rate = 0): Intake {
  const values = { ingest_max_rate, max_ingest_queue_size: 10 };
  const config = { get: (key: keyof typeof values) => values[key] };
  return new Intake({ redis: { evalSha: answer } as unknown as Redis, config, patienceMs: 10 });
}

describe('Intake', () => {
  it.each<[what: string, answer: () => Promise<unknown>, reason: string]>([
    ['does not answer', () => new Promise(() => {}), 'outcome_unknown'],
    ['is lost before it answers', () => Promise.reject(new SocketClosedUnexpectedlyError()), 'outcome_unknown'],
    ['is not connected', () => Promise.reject(new ClientOfflineError()), 'redis_unavailable'],
    ['refuses', () => Promise.reject(new ErrorReply('OOM command not allowed')), 'redis_unavailable'],
  ])('tells what may be stored from what is not when Redis %s', async (_, answer, reason) => {
    expect(await intakeOn(answer).takeAll(['a'])).toMatchObject({ reason });
    expect(await intakeOn(answer).takeSome(['a'])).toMatchObject({ taken: 0, refusal: { reason } });
    // It is the permits that fail, and without them nothing is sent.
    expect(await intakeOn(answer, 5).takeAll(['a'])).toMatchObject({ reason: 'redis_unavailable' });
  });
});
