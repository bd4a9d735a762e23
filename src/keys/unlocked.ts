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

type Word = { readonly ask: string } | { readonly known: Known } | { readonly forget: true };

/** Another window answers in a turn or two; one that is frozen does not, and then the passphrase is asked for. */
const ANSWER_MS = 250;

export function createUnlocked(channel: BroadcastChannel = new BroadcastChannel('openhhu-keys')): Unlocked {
  let known: Known | undefined;
  const waiting = new Set<() => void>();
  /** What nobody knew a moment ago is not asked for again with every key of a list. */
  let asked: { readonly id: string; readonly answer: Promise<void> } | undefined;

  channel.onmessage = ({ data }: MessageEvent<Word>) => {
    if ('ask' in data) {
      if (known?.id === data.ask) say({ known });
    } else if ('known' in data) {
      known = data.known;
      for (const answered of waiting) answered();
    } else known = undefined;
  };
  const say = (word: Word) => channel.postMessage(word);

  async function ask(id: string): Promise<void> {
    say({ ask: id });
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ANSWER_MS);
      waiting.add(done);
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
      say({ known });
    },
    forget() {
      known = undefined;
      say({ forget: true });
    },
    close: () => channel.close(),
  };
}
