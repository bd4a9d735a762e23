import { hasStart, transmissionsIn, type Transmission } from './transport.ts';
import { messagesIn, type Message } from './message.ts';
import { listOf, type SmlList } from './list.ts';

/** What one transmission says, as far as it can be read. */
export interface Said {
  /** Absent where messages came without a transport, as gateways hand them out. */
  readonly transmission?: Transmission;
  /** Where in the bytes it begins, and how long it is. */
  readonly start: number;
  readonly length: number;
  readonly messages: readonly Message[];
  /** Why the rest of it could not be read; empty where all could. */
  readonly fault: string;
}

/** All that bytes say: whole transmissions, or bare messages. Never throws. */
export function saidIn(bytes: Uint8Array): readonly Said[] {
  if (!hasStart(bytes)) {
    const { messages, fault } = messagesIn(bytes);
    return messages.length === 0 ? [] : [{ start: 0, length: bytes.length, messages, fault: fault?.message ?? '' }];
  }
  return transmissionsIn(bytes).map(({ transmission, start }) => saidBy(transmission, start));
}

export function saidBy(transmission: Transmission, start = 0): Said {
  const { messages, fault } = messagesIn(transmission.payload);
  return { transmission, start, length: transmission.bytes.length, messages, fault: fault?.message ?? '' };
}

export interface ListSaid {
  readonly list: SmlList;
  /** Both its message and its transmission are as their checks say. */
  readonly isChecked: boolean;
}

export function listsIn({ transmission, messages }: Pick<Said, 'transmission' | 'messages'>): readonly ListSaid[] {
  return messages.flatMap((message) => {
    const list = listOf(message);
    return list ? [{ list, isChecked: message.check !== 'bad' && transmission?.check !== 'bad' }] : [];
  });
}
