/** The reason of a change that the declared settings refuse, or may: it says so wherever the change is shown. */
export function forcedReason(reason: string | null | undefined): string {
  return reason ? `Forced: ${reason}` : 'Forced';
}
