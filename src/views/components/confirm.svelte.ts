export interface Question {
  readonly title: string;
  readonly text: string;
  /** The word on the button that does it. */
  readonly yes: string;
  /** The word on the other one; "Keep" unless told. */
  readonly no?: string;
}

/** One question at a time over a native dialog; Escape and the other button mean no. */
export class Confirm {
  question: Question | undefined = $state.raw();
  #answer: ((yes: boolean) => void) | undefined;

  ask(question: Question): Promise<boolean> {
    this.answer(false);
    this.question = question;
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  answer(yes: boolean): void {
    this.question = undefined;
    this.#answer?.(yes);
    this.#answer = undefined;
  }
}
