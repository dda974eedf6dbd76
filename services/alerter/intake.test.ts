import { expect, it } from 'vitest';
import { intakeOf } from './intake.ts';

const limits = { alerter_queue_shed_threshold: 2_000, alerter_shed_mode: 'dlq', dlq_max_size: 1_000 } as const;
const deferring = { ...limits, alerter_shed_mode: 'defer' } as const;

it.each([
  ['decides on a batch while few alerts wait', 0, 0, limits, 'decide', 100],
  ['takes no more than there is room for alerts', 1_990, 0, limits, 'decide', 10],
  ['sheds from the threshold on', 2_000, 0, limits, 'shed', 100],
  ['sheds no more than there is room for', 2_500, 970, limits, 'shed', 30],
  ['defers when there is no room to shed', 2_500, 1_000, limits, 'defer', undefined],
  ['defers when there is less than no room', 2_500, 5_000, limits, 'defer', undefined],
  ['decides though the DLQ is full, while few alerts wait', 5, 5_000, limits, 'decide', 100],
  ['defers from the threshold on when that is asked for', 2_000, 0, deferring, 'defer', undefined],
] as const)('%s', (_, alerts, deadLetters, given, mode, most) => {
  const intake = intakeOf({ alerts, deadLetters }, given);
  expect([intake.mode, 'most' in intake ? intake.most : undefined]).toEqual([mode, most]);
});

it('says which setting it was', () => {
  expect(intakeOf({ alerts: 2_500, deadLetters: 1_000 }, limits)).toEqual({
    mode: 'defer',
    isDlqFull: true,
    reason:
      '2500 alerts wait, and alerter_queue_shed_threshold is 2000; mutt:dlq:alerter is full (dlq_max_size is 1000)',
  });
});
