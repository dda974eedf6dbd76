/** Marks that turn the order of what is shown around, or that nobody sees; those that words and emoji are joined by are none. */
const TRICKS = /[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** A text of somebody else, in which nothing passes for something else: such marks are shown by their numbers. */
export function legible(text: string): string {
  return text.replace(
    TRICKS,
    (mark) => `⟨U+${(mark.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`,
  );
}
