const QUIET_MS = 1500;

/** What a screen reader is told while something runs: the newest sentence, at most one in 1.5 s. */
export class Announcer {
  text = $state('');
  #next: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  say(text: string): void {
    this.#next = text;
    this.#timer ??= setTimeout(() => this.#speak(), this.text === '' ? 0 : QUIET_MS);
  }

  #speak(): void {
    this.#timer = undefined;
    if (this.#next !== undefined) this.text = this.#next;
    this.#next = undefined;
  }
}
