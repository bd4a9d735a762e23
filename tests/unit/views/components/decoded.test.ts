import { expect, test } from 'vitest';
import type { ReadingsRequest } from '../../../../src/archive/api.ts';
import type { ArchiveClient } from '../../../../src/archive/client.ts';
import { Decoded } from '../../../../src/views/components/decoded.svelte.ts';

function setUp() {
  const asked: { readonly data: string; answer(): void; fail(): void }[] = [];
  const archive: ArchiveClient = {
    call: (_method, input) =>
      new Promise((resolve, reject) => {
        const { data } = (input as ReadingsRequest).stored;
        asked.push({
          data,
          answer: () => resolve([{ label: data }] as never),
          fail: () => reject(new Error('gone')),
        });
      }),
  };
  const decoded = new Decoded(archive);
  const show = (data: string) => decoded.show('IEC62056-21', { identification: '', data });
  const shown = () => decoded.answer?.readings.map(({ label }) => label);
  return { asked, decoded, show, shown };
}

test('of data that grows while an answer is under way only the newest is asked for next', async () => {
  const { asked, show, shown } = setUp();
  const first = show('1');
  void show('12');
  void show('123');
  expect(asked.map(({ data }) => data)).toEqual(['1']);
  asked[0]?.answer();
  await Promise.resolve();
  await Promise.resolve();
  expect(asked.map(({ data }) => data)).toEqual(['1', '123']);
  expect(shown()).toEqual(['1']);
  asked[1]?.answer();
  await first;
  expect(shown()).toEqual(['123']);
  expect(asked).toHaveLength(2);
});

test('what cannot be decoded says why and leaves what was shown; the next answer takes the fault away', async () => {
  const { asked, decoded, show, shown } = setUp();
  const [first, second, third] = ['1', '2', '3'];
  let work = show(first ?? '');
  asked[0]?.answer();
  await work;
  work = show(second ?? '');
  asked[1]?.fail();
  await work;
  expect(shown()).toEqual(['1']);
  expect(decoded.fault).toMatchObject({ stored: { data: '2' }, error: { message: 'gone' } });
  work = show(third ?? '');
  asked[2]?.answer();
  await work;
  expect(decoded.fault).toBeUndefined();
  expect(shown()).toEqual(['3']);
});
