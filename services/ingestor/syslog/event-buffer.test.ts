import { until } from '@mutt/dynamic-config/testing';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { Intake, Refusal } from '../intake.ts';
import { EventBuffer } from './event-buffer.ts';

const logger = pino({ level: 'silent' });
const away: Refusal = { reason: 'redis_unavailable', cause: new Error('away') };

/** Takes when it is let; what was offered to it, batch by batch. */
class FakeIntake implements Pick<Intake, 'takeSome'> {
  readonly batches: (readonly string[])[] = [];
  readonly taken: string[] = [];
  refusal: Refusal | null = null;
  #gate: Promise<void> = Promise.resolve();

  /** Keeps batches waiting until the function that it returns is called. */
  hold(): () => void {
    let open = (): void => {};
    this.#gate = new Promise((resolve) => (open = resolve));
    return open;
  }

  async takeSome(events: readonly string[]): Promise<{ taken: number; refusal: Refusal | null }> {
    this.batches.push([...events]);
    await this.#gate;
    if (this.refusal !== null) return { taken: 0, refusal: this.refusal };
    this.taken.push(...events);
    return { taken: events.length, refusal: null };
  }
}

function open(capacity = 1_000): { intake: FakeIntake; buffer: EventBuffer; counted: number[] } {
  const intake = new FakeIntake();
  const counted: number[] = [];
  const buffer = new EventBuffer({ intake, logger, capacity, onTaken: (events) => counted.push(events) });
  return { intake, buffer, counted };
}

describe('EventBuffer', () => {
  it('gathers the next batch while one is on its way', async () => {
    const { intake, buffer, counted } = open();
    const release = intake.hold();
    for (const event of ['a', 'b']) buffer.add(event);
    await until('a batch is on its way', () => intake.batches.length === 1);
    for (const event of ['c', 'd', 'e']) buffer.add(event);
    release();
    expect(await buffer.drain()).toBe(0);
    expect(intake.batches).toEqual([
      ['a', 'b'],
      ['c', 'd', 'e'],
    ]);
    expect(counted).toEqual([2, 3]);
  });

  it('makes batches of a size that Redis takes in one go', async () => {
    const { intake, buffer } = open(100_000_000);
    const large = 'x'.repeat(400_000);
    for (let i = 0; i < 5; i++) buffer.add(large);
    for (let i = 0; i < 1_200; i++) buffer.add('small');
    expect(await buffer.drain()).toBe(0);
    expect(intake.batches.map((batch) => batch.length)).toEqual([2, 2, 500, 500, 201]);
  });

  it('has no room beyond its capacity, and has it again when events are taken', async () => {
    const { intake, buffer } = open(3);
    const release = intake.hold();
    expect(['a', 'b', 'c', 'd'].map((event) => buffer.add(event))).toEqual([true, true, true, false]);
    const late = buffer.addInTime('e');
    release();
    await late;
    expect(await buffer.drain()).toBe(0);
    expect(intake.taken).toEqual(['a', 'b', 'c', 'e']);
  });

  it('tries again what was not taken, and takes what comes later after it', async () => {
    const { intake, buffer } = open();
    intake.refusal = away;
    buffer.add('a');
    await until('it was refused', () => intake.batches.length > 1);
    buffer.add('b');
    intake.refusal = null;
    expect(await buffer.drain()).toBe(0);
    expect(intake.taken).toEqual(['a', 'b']);
  });

  it('counts what is lost when it is given up, those that wait for room among them', async () => {
    const { intake, buffer } = open(2);
    intake.refusal = away;
    for (const event of ['a', 'b']) buffer.add(event);
    const waiting = buffer.addInTime('c');
    buffer.giveUp();
    await waiting;
    expect(await buffer.drain()).toBe(3);
  });
});
