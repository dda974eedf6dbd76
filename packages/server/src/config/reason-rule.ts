import { RequestError } from '../errors.ts';

/** What is recorded as the reason of a change; throws where there must be one and is none. */
export type ReasonRule = (reason: string | null | undefined) => string | undefined;

/** @param isRequired every change needs a reason (`MUTT_REQUIRE_REASON`). */
export function reasonRule(isRequired: boolean): ReasonRule {
  return (reason) => {
    if (isRequired && (reason ?? '').trim() === '') {
      throw new RequestError('reason_required', 'Every change needs a reason here: say why, in the field reason.');
    }
    return reason ?? undefined;
  };
}
