import { InvalidOptionError } from './errors.ts';

/** Where warnings go: `console`, or a pino, winston or other logger. */
export interface Logger {
  warn(message: string): void;
  error(message: string): void;
}

/**
 * A logger that throws must not take the process down: what it throws becomes a warning of the process.
 *
 * @throws InvalidOptionError when it is no logger.
 */
export function safeLogger(logger: Logger): Logger {
  if (typeof logger?.warn !== 'function' || typeof logger.error !== 'function') {
    throw new InvalidOptionError('The logger must have the methods warn and error.');
  }
  const safely = (log: () => void): void => {
    try {
      log();
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : String(error));
    }
  };
  return {
    warn: (message) => safely(() => logger.warn(message)),
    error: (message) => safely(() => logger.error(message)),
  };
}
