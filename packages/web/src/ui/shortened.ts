import { legible } from './legible.ts';

/** What is shown of a text of somebody else: not more of it than one wants, and nothing in it that plays tricks. */
export function shortened(text: string, most: number): string {
  return legible(text.length > most ? `${text.slice(0, most)}…` : text);
}
