import { adviseOn } from './advice.ts';
import { Failure } from './failure.ts';
import { askServer, type ServerRequest } from './server-request.ts';
import { chooseTarget, type Target, type TargetOptions } from './target.ts';

/**
 * The server to ask for what a Redis has not.
 *
 * @param what is asked for, as the beginning of a sentence: `API keys are`.
 * @throws Failure where the options and the environment name a Redis.
 */
export async function chooseServer(options: TargetOptions, what: string): Promise<Target> {
  const target = await chooseTarget(options, process.env);
  if (target.kind === 'server') return target;
  throw new Failure(
    'usage',
    `${what} kept by a server, and ${target.location} is a Redis (it comes from ${target.namedBy}): name the server with --url http://… and its key in MUTT_API_KEY, or sign in to it with muttctl login http://….`,
  );
}

/**
 * Asks it, and says what to do next where that fails.
 *
 * @param lookWith the command that shows whether something was done that nobody confirmed.
 * @throws Failure
 */
export async function askOrAdvise(
  target: Target,
  request: ServerRequest,
  lookWith: string,
): Promise<Record<string, unknown>> {
  try {
    return await askServer(target, request);
  } catch (error) {
    if (Failure.of(error).code !== 'outcome_unknown') throw adviseOn(error, target);
    throw new Failure(
      'outcome_unknown',
      `${target.location} did not confirm it in time, so it may or may not be done. Look with ${lookWith} before you try again.`,
      { cause: error },
    );
  }
}
