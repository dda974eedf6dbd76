import { useEffect, useState } from 'react';

/**
 * For what is there only while it is open: gives the focus back, at its end, to what had it before. Without that, whoever
 * uses the keyboard begins at the top of the page again.
 */
export function useReturnFocus(): void {
  const [opener] = useState(openerOf);
  useEffect(
    () => () => {
      requestAnimationFrame(() => {
        // Whatever has taken the focus meanwhile keeps it.
        if (document.activeElement !== document.body) return;
        for (const element of placesNear(opener)) {
          element?.focus();
          if (element != null && document.activeElement === element) return;
        }
      });
    },
    [opener],
  );
}

/** What has the focus; for an item of a menu, which goes with its menu, what opens that. */
function openerOf(): HTMLElement | null {
  const active = document.activeElement;
  const menuButton = active?.closest('[role=menu]')?.getAttribute('aria-labelledby');
  if (typeof menuButton === 'string') return document.querySelector(`#${CSS.escape(menuButton)}`);
  return active instanceof HTMLElement ? active : null;
}

/** Where the focus goes: what cannot take it any more, as a button that is done with, leaves it to its form, or to the page. */
function placesNear(opener: HTMLElement | null): readonly (HTMLElement | null | undefined)[] {
  const field = opener?.closest('form')?.querySelector<HTMLElement>('input, textarea, select');
  return [opener === document.body ? null : opener, field, document.querySelector<HTMLElement>('#main')];
}
