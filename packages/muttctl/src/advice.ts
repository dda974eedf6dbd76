import type { FailureCode } from './exit-codes.ts';
import { Failure } from './failure.ts';
import type { Target } from './target.ts';

type Advise = (target: Target, failure: Failure) => string;

/** Where the library's own message leaves open what to do at the command line. */
const ADVICE: Readonly<Partial<Record<FailureCode, Advise>>> = {
  store_unavailable: ({ namedBy, location }, failure) =>
    namedBy === 'default' && connectionRefused(failure)
      ? `No server answers at ${location}. Start it with npm start, or pass --url redis://… or --url http://….`
      : `${failure.message} ${namedBy === 'default' ? 'It was tried since no --url was given.' : `The address comes from ${namedBy}.`}`,

  outcome_unknown: ({ location }) =>
    `${location} did not confirm the change in time, so it may or may not be applied. Look with muttctl config get before you try again.`,

  key_not_found: (_, { message }) =>
    `${message.replace(/([^.?])$/, '$1.')} Run muttctl config list to see the keys that there are.`,

  unauthorized: ({ location, apiKey, namedBy }) => {
    if (apiKey === undefined) {
      return `The server at ${location} wants to know who asks. Sign in with muttctl login ${location}, or set MUTT_API_KEY to an API key.`;
    }
    return namedBy.startsWith('context ')
      ? `What ${namedBy} holds does not open the server at ${location} any more. Sign in again: muttctl login ${location} --${namedBy}`
      : `The server at ${location} does not know the API key in MUTT_API_KEY. Set it to one that muttctl keys list shows, or sign in with muttctl login.`;
  },
};

/** The failure that an error is, in the words of the command line: what happened and what to do next. */
export function adviseOn(error: unknown, target: Target): Failure {
  const failure = Failure.of(error);
  const advise = ADVICE[failure.code];
  return advise === undefined ? failure : new Failure(failure.code, advise(target, failure), { cause: error });
}

function connectionRefused(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && error.code === 'ECONNREFUSED') || connectionRefused(error.cause);
}
