import { diffWordsWithSpace } from 'diff';
import { legible } from './legible.ts';

/** A piece of a text, and whether the other one has it. */
export interface Word {
  readonly text: string;
  readonly differs: boolean;
}

type Words = readonly Word[];

/** Longer texts are not compared, but shown side by side. */
const MOST_COMPARED = 4_000;
/** With more differences, what is marked helps nobody; and finding them takes time with their square. */
const MOST_DIFFERENCES = 200;
const MOST_SHOWN = 20_000;

/** What differs between two texts, word by word, as they are shown: cut where they are long; null stays null. */
export function wordsApart(
  was: string | null,
  is: string | null,
): { readonly before: Words | null; readonly after: Words | null } {
  const [before, after] = [shown(was), shown(is)];
  const parts =
    before === null || after === null || before.length + after.length > MOST_COMPARED
      ? undefined
      : diffWordsWithSpace(before, after, { maxEditLength: MOST_DIFFERENCES });
  // Nothing is marked where all of it would be.
  if (parts === undefined || !parts.some(({ added, removed }) => !added && !removed)) {
    return { before: whole(before), after: whole(after) };
  }
  return {
    before: parts.filter(({ added }) => !added).map(({ value, removed }) => ({ text: value, differs: removed })),
    after: parts.filter(({ removed }) => !removed).map(({ value, added }) => ({ text: value, differs: added })),
  };
}

function whole(text: string | null): Words | null {
  return text === null ? null : [{ text, differs: false }];
}

function shown(text: string | null): string | null {
  if (text === null) return null;
  return legible(text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}… (${text.length} characters)` : text);
}
