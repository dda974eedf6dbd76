/**
 * Calls at once, and again a while after it was asked to: what is asked for at each of many changes is done now and then
 * while they come, and once more when they are over.
 *
 * @returns what asks for it, and what ends it.
 */
export function atMostEach(ms: number, call: () => void): { readonly ask: () => void; readonly stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isAskedAgain = false;
  const wait = (): void => {
    timer = setTimeout(() => {
      timer = undefined;
      call();
      if (isAskedAgain) wait();
      isAskedAgain = false;
    }, ms);
  };
  return {
    ask() {
      if (timer !== undefined) {
        isAskedAgain = true;
        return;
      }
      call();
      wait();
    },
    stop() {
      clearTimeout(timer);
    },
  };
}
