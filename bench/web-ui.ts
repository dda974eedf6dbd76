import { heapMb, loadMs, seenAfterMs, setMany, typeSearch } from '../test/browser/support/many-settings.ts';
import { UiScenario } from '../test/browser/support/ui-scenario.ts';
import { absolute, atMost, median, quantile } from './figure.ts';
import type { Bench } from './figure.ts';

/** The table of 10,000 settings in a real Chromium: first shown, searched as one types, live, and what it keeps in memory. */
export const webUiBench: Bench = {
  names: ['ui_first_content', 'ui_interactive', 'ui_typing_frame', 'ui_live', 'ui_memory'],
  async run({ quick }) {
    await using ui = await UiScenario.start();
    await setMany(ui);
    const page = await ui.open('/');
    await page.getByText('10,000 settings').waitFor();
    const loads: { readonly content: number; readonly interactive: number }[] = [];
    for (let round = 0; round < (quick ? 2 : 7); round++) loads.push(await loadMs(ui, page.context()));
    const [content, interactive] = [loads.map((load) => load.content), loads.map((load) => load.interactive)];
    const typing = await typeSearch(page, 'limit_00050');

    const latencies: number[] = [];
    const changes = quick ? 100 : 600;
    let early = Number.NaN;
    for (let n = 1; n <= changes; n++) {
      latencies.push(await seenAfterMs(ui, page, `live-${n}-`));
      if (n === changes / 10) early = await heapMb(page);
    }
    const late = await heapMb(page);
    const also = { over_50_ms: typing.framesOver50Ms, work: typing.workMs };
    return [
      absolute(1_000, {
        name: 'ui_first_content',
        unit: 'ms',
        ours: median(content),
        also: { worst: Math.max(...content) },
      }),
      absolute(1_500, {
        name: 'ui_interactive',
        unit: 'ms',
        ours: median(interactive),
        also: { worst: Math.max(...interactive) },
      }),
      absolute(50, { name: 'ui_typing_frame', unit: 'ms', ours: typing.longestFrameMs, also }),
      absolute(1_000, {
        name: 'ui_live',
        unit: 'ms',
        ours: quantile(latencies, 0.99),
        also: { p50: median(latencies) },
      }),
      atMost(1.1, { name: 'ui_memory', unit: 'MB', ours: late, floor: early, also: { changes } }),
    ];
  },
};
