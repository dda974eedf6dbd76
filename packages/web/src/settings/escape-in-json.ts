const UNSAFE = /[\u007f-\u009f\u2028\u2029]|\p{Bidi_Control}/gu;

/** The same JSON (or YAML in double quotes) for a parser, without what a terminal may act on, or what reorders text. */
export function escapeInJson(json: string): string {
  return json.replace(UNSAFE, (unsafe) => `\\u${unsafe.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
