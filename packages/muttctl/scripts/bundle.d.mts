/** Bundles the sources below a folder; the path of the main module. */
export function bundle(folder?: string): Promise<string>;
