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
        const isThere = opener?.isConnected === true && opener !== document.body;
        (isThere ? opener : document.querySelector<HTMLElement>('#main'))?.focus();
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
