import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const MAC = '/Applications';

/** Where a Chromium is, the one of `MUTT_CHROMIUM` if it names one. null: nowhere. */
export function chromiumCommand() {
  const named = process.env['MUTT_CHROMIUM'];
  if (named !== undefined && named !== '') return existsSync(named) ? named : null;
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const places = [
    ...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))),
    `${MAC}/Chromium.app/Contents/MacOS/Chromium`,
    `${MAC}/Google Chrome.app/Contents/MacOS/Google Chrome`,
  ];
  return places.find((place) => existsSync(place)) ?? null;
}
