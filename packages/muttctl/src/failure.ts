import { EXIT_CODES, type FailureCode } from './exit-codes.ts';

/** The end of a command that did not work: one sentence for people, one code for scripts. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /**
   * Errors are told by their `code`, not by their class: the classes would drag the library, and with it the
   * Redis client, into commands that fail before they need it.
   */
  static of(error: unknown): Failure {
    if (error instanceof Failure) return error;
    const message = error instanceof Error ? error.message : String(error);
    const code = failureCode(error);
    return new Failure(code, code === 'unexpected' ? `Unexpected error: ${message}` : message, { cause: error });
  }
}

/** Which of our codes an error carries; `unexpected` for anything that is not ours. */
function failureCode(error: unknown): FailureCode {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return 'unexpected';
  return isFailureCode(error.code) ? error.code : 'unexpected';
}

function isFailureCode(code: string): code is FailureCode {
  return Object.hasOwn(EXIT_CODES, code);
}
