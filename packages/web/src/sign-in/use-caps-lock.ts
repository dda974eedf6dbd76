import { useState, type KeyboardEvent, type MouseEvent } from 'react';

type Watched = KeyboardEvent | MouseEvent;

/** Whether Caps Lock is on, as far as the browser tells: with each key, and each click. */
export function useCapsLock() {
  const [isOn, setOn] = useState(false);
  const look = (event: Watched): void => setOn(event.getModifierState('CapsLock'));
  return { isOn, watch: { onKeyDown: look, onKeyUp: look, onClick: look, onBlur: () => setOn(false) } };
}
