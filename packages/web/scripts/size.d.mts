export const MOST_INITIAL_BYTES: number;

export function initialFiles(): readonly { readonly file: string; readonly bytes: number }[];
