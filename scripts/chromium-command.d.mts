export function chromiumCommand(): string | null;
