/**
 * Marks that turn the order of what is shown around, that nobody sees, or that control a terminal; tabs, line breaks and what
 * words and emoji are joined by are none.
 */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const TRICKS =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** A text of somebody else, in which nothing passes for something else: such marks are shown by their numbers. */
export function legible(text: string): string {
  return text.replace(
    TRICKS,
    (mark) => `⟨U+${(mark.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`,
  );
}
