import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/common/bytes.ts';
import { amber } from '../../src/protocols/wmbus/dongles/amber.ts';
import { cul } from '../../src/protocols/wmbus/dongles/cul.ts';
import type { Dongle, DongleSaid, LinkMode } from '../../src/protocols/wmbus/dongles/dongle.ts';
import { embit } from '../../src/protocols/wmbus/dongles/embit.ts';
import { im871a } from '../../src/protocols/wmbus/dongles/im871a.ts';
import { iu891a } from '../../src/protocols/wmbus/dongles/iu891a.ts';
import { bytesOf } from '../unit/protocols/mbus/samples.ts';
import { thirdParty } from './third-party.ts';

/** What ioBroker's mocks of radio sticks expect and answer, replayed: no recordings of hardware. */

interface Transcript {
  readonly name: string;
  readonly transcript: readonly string[];
}

const SCRIPTS: readonly (readonly [name: RegExp, create: () => Dongle])[] = [
  [/^Amber/, amber],
  [/^Cul/, cul],
  [/^Ebi/, embit],
  [/^Imst\./, im871a],
  [/^ImstV2/, iu891a],
];
const MODES: Readonly<Record<string, LinkMode>> = { S: 'S', T: 'T', C: 'C', CT: 'C+T', CA: 'C', CB: 'C' };

const all = thirdParty<readonly Transcript[]>('dongle-transcripts.json')?.content ?? [];
const rows = all.flatMap(({ name, transcript }) => {
  const create = SCRIPTS.find(([pattern]) => pattern.test(name))?.[1];
  const mode = MODES[/init-(\w+)/.exec(name)?.[1] ?? ''];
  // 'CA' and 'Tx' are modes of their firmware that this app does not set.
  return create && mode && !name.endsWith('CA') ? [{ name, transcript, create, mode }] : [];
});

describe.skipIf(all.length === 0)('sticks of ioBroker (skipped where ../shared/vectors is absent)', () => {
  it.each(rows)('$name: sends what the stick expects, in its order', async ({ transcript, create, mode }) => {
    const dongle = create();
    const receiver = dongle.receiver();
    const script = transcript.filter((entry): entry is string => typeof entry === 'string');
    const telegrams: DongleSaid[] = [];
    const waiting: DongleSaid[] = [];
    let at = 0;
    const ask = (request: Uint8Array, to: number) => {
      if (request.length > 0) {
        // Behind the end of the script is what ioBroker leaves out: nothing answers it.
        if (at >= script.length) return Promise.resolve(undefined);
        expect(toHex(request).toLowerCase()).toBe(script[at++]?.replace('<<< ', ''));
        for (; script[at]?.startsWith('>>>') === true; at++)
          for (const byte of bytesOf((script[at] ?? '').slice(4))) {
            const said = receiver.take(byte);
            if (said) (said.kind === 'telegram' ? telegrams : waiting).push(said);
          }
      }
      const found = waiting.findIndex((said) => said.kind === 'answer' && said.to === to);
      const [answer] = found < 0 ? [] : waiting.splice(found, 1);
      return Promise.resolve(answer?.kind === 'answer' ? answer.payload : undefined);
    };
    const { mode: set } = await dongle.setUp({ ask, pause: () => Promise.resolve() }, mode);
    expect(at).toBe(script.length);
    expect(set).toBe(mode);
    expect(telegrams.every((said) => said.kind === 'telegram' && said.dBm === -55)).toBe(true);
  });
});
