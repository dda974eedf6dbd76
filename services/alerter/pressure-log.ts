import type { Logger } from 'pino';
import type { Intake } from './intake.ts';

export const LEVELS = ['ok', 'warn', 'shed', 'defer'] as const;
/** What waiting alerts make of an alerter. */
export type Level = (typeof LEVELS)[number];

/**
 * Says when too many alerts wait, once, and when that is over: below the warning threshold, not as soon as there is room
 * for one alert more. Around a threshold there would be a line for each batch.
 */
export class PressureLog {
  readonly #logger: Logger;
  #level: Level = 'ok';

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** @returns the level now. */
  note(alerts: number, warnThreshold: number, intake: Intake): Level {
    const level = levelOf(alerts, warnThreshold, intake);
    const isOver = level === 'ok' && this.#level !== 'ok';
    const isNews = LEVELS.indexOf(level) > LEVELS.indexOf(this.#level) || (level === 'shed' && this.#level === 'defer');
    if (isOver) this.#logger.info({ alerts }, `${alerts} alerts wait: forwarding keeps up again`);
    if (isNews) this.#logger.warn({ alerts, level }, sentences[level](alerts, warnThreshold, intake));
    if (isOver || isNews) this.#level = level;
    return level;
  }
}

const sentences: Record<Level, (alerts: number, warnThreshold: number, intake: Intake) => string> = {
  ok: () => 'Forwarding keeps up',
  warn: (alerts, threshold) => `${alerts} alerts wait, and alerter_queue_warn_threshold is ${threshold}`,
  shed: (_alerts, _threshold, intake) => `Events are set aside: ${reasonOf(intake)}`,
  defer: (_alerts, _threshold, intake) => `Events are left in the queue: ${reasonOf(intake)}`,
};

function levelOf(alerts: number, warnThreshold: number, { mode }: Intake): Level {
  if (mode !== 'decide') return mode;
  return alerts >= warnThreshold ? 'warn' : 'ok';
}

function reasonOf(intake: Intake): string {
  return 'reason' in intake ? intake.reason : '';
}
