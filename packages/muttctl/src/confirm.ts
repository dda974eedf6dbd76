import type { Declared } from './declared.ts';
import { Failure } from './failure.ts';
import { isInteractive } from './output.ts';
import { countText, effective, isDestructiveOrWide, type PlannedChange } from './plan.ts';
import { planLines } from './plan-text.ts';
import { escapeUnsafe } from './terminal-text.ts';

/**
 * Asks a person before a change that deletes, or of many keys. A script is never asked.
 *
 * @param options isShown: what would change is on the screen already.
 * @throws Failure `cancelled`
 */
export async function confirmPlan(
  plan: readonly PlannedChange[],
  declared: Declared,
  { yes = false, isShown = false }: { readonly yes?: boolean | undefined; readonly isShown?: boolean },
): Promise<void> {
  if (yes || !isInteractive() || !isDestructiveOrWide(plan)) return;
  if (!isShown) process.stderr.write(`${planLines(effective(plan), declared).join('\n')}\n`);
  await ask(`For the whole fleet: ${countText(plan)}. Go ahead?`);
}

/**
 * Asks a person before what cannot be taken back, or shuts somebody out. A script is never asked.
 *
 * @throws Failure `cancelled`
 */
export async function confirmAct(question: string, { yes = false }: { readonly yes?: boolean }): Promise<void> {
  if (!yes && isInteractive()) await ask(escapeUnsafe(question));
}

async function ask(message: string): Promise<void> {
  const { confirm } = await import('@clack/prompts');
  const answer = await confirm({ message, initialValue: false, output: process.stderr });
  if (answer !== true) throw new Failure('cancelled', 'Cancelled: nothing was written.');
}
