/** The items of a list as the library reads them; null for what begins like a JSON array, and is none. */
export function itemsOf(text: string): readonly string[] | null {
  if (text.trim() === '') return [];
  if (!text.trimStart().startsWith('[')) return text.split(',').map((one) => one.trim());
  try {
    const items: unknown = JSON.parse(text);
    return Array.isArray(items) ? items.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))) : null;
  } catch {
    return null;
  }
}

/** Items as the library writes them: with commas, or as JSON where an item holds what commas would take apart. */
export function listText(items: readonly string[]): string {
  const isPlain = items.every((item) => item !== '' && item === item.trim() && !item.includes(','));
  return isPlain && items[0]?.startsWith('[') !== true ? items.join(',') : JSON.stringify(items);
}
