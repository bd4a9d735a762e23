/** The key that a passphrase opens, as long as a window of this app is open: told to every window and worker, never stored. */
export interface Unlocked {
  get(id: string): Promise<CryptoKey | undefined>;
  set(id: string, key: CryptoKey): void;
  forget(): void;
  close(): void;
}

interface Known {
  readonly id: string;
  readonly key: CryptoKey;
}

type Word =
  | { readonly ask: string; readonly number: string }
  /** To whoever asks under this number, and to nobody else: a window that thaws answers what is long over. */
  | { readonly answer: Known; readonly to: string }
  | { readonly opened: Known }
  | { readonly forget: true };

/** Another window answers in a turn or two; one that is frozen does not, and then the passphrase is asked for. */
const ANSWER_MS = 250;

export function createUnlocked(channel: BroadcastChannel = new BroadcastChannel('openhhu-keys')): Unlocked {
  let known: Known | undefined;
  const waiting = new Map<string, (answer?: Known) => void>();
  /** What nobody knew a moment ago is not asked for again with every key of a list. */
  let asked: { readonly id: string; readonly answer: Promise<void> } | undefined;

  channel.onmessage = ({ data }: MessageEvent<Word>) => {
    if ('ask' in data) {
      if (known?.id === data.ask) say({ answer: known, to: data.number });
    } else if ('answer' in data) waiting.get(data.to)?.(data.answer);
    else if ('opened' in data) known = data.opened;
    else lose();
  };
  /** An answer that is on its way was given before. */
  const lose = () => {
    known = undefined;
    for (const done of waiting.values()) done();
  };
  const say = (word: Word) => channel.postMessage(word);

  async function ask(id: string): Promise<void> {
    const number = crypto.randomUUID();
    await new Promise<void>((resolve) => {
      const done = (answer?: Known) => {
        clearTimeout(timer);
        waiting.delete(number);
        if (answer?.id === id) known ??= answer;
        resolve();
      };
      const timer = setTimeout(done, ANSWER_MS);
      waiting.set(number, done);
      say({ ask: id, number });
    });
    asked = undefined;
  }

  return {
    async get(id) {
      if (known?.id !== id) {
        if (asked?.id !== id) asked = { id, answer: ask(id) };
        await asked.answer;
      }
      return known?.id === id ? known.key : undefined;
    },
    set(id, key) {
      known = { id, key };
      say({ opened: known });
    },
    forget() {
      lose();
      say({ forget: true });
    },
    close: () => channel.close(),
  };
}
