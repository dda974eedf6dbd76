/** A wait that can be cut short, by whoever changes what is waited for. */
export class Wait {
  #isWoken = false;
  #end: () => void = () => {};

  /** Ends the wait; one that has not begun yet, when it begins. */
  wake(): void {
    this.#isWoken = true;
    this.#end();
  }

  async for(ms: number): Promise<void> {
    if (!this.#isWoken) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#end = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#isWoken = false;
    this.#end = () => {};
  }
}
