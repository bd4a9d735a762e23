import { describe, expect, test } from 'vitest';
import { fromHex, fromLatin1, toHex } from '../../../../src/common/bytes.ts';
import { associationAnswerBytes } from '../../../../src/protocols/dlms/apdu/association.ts';
import { initiateResponseBytes } from '../../../../src/protocols/dlms/apdu/initiate.ts';
import { associate, type Authentication } from '../../../../src/protocols/dlms/client.ts';

const bytes = (hex: string) => fromHex(hex) ?? new Uint8Array(0);
const register = { classId: 3, name: Uint8Array.of(1, 0, 1, 8, 0, 255), number: 2 };
const accepted = associationAnswerBytes({
  context: 1,
  result: 0,
  source: 'user',
  diagnostic: 0,
  systemTitle: new Uint8Array(0),
  mechanism: 2,
  challenge: fromLatin1('87654321'),
  information: initiateResponseBytes({ conformance: 0x00121d, mostBytes: 512, name: 7 }),
});

/** A meter by what it answers to the requests of an association, both in hex; and what it was asked. */
function meter(answer: (request: string) => string) {
  const asked: string[] = [];
  const exchange = (message: Uint8Array) => {
    if (message[0] === 0x60) return Promise.resolve(accepted);
    asked.push(toHex(message));
    return Promise.resolve(bytes(answer(toHex(message))));
  };
  return { asked, exchange };
}

const none: Authentication = { mechanism: 0 };
const numberOf = (request: string) => Number.parseInt(request.slice(5, 6), 16);
const idOf = (request: string) => request.slice(4, 6);

describe('requests', () => {
  test('are numbered from 1 to 15 and anew', async () => {
    const { asked, exchange } = meter((request) => `C401${idOf(request)}001105`);
    const association = await associate(exchange, none);
    for (let at = 0; at < 17; at++) await association.get({ attribute: register });
    expect(asked.map(numberOf)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 1, 2]);
  });

  test('for the next block have the number of the first', async () => {
    const { asked, exchange } = meter((request) =>
      request.startsWith('C002') ? `C402${idOf(request)}0100000002000105` : `C402${idOf(request)}0000000001000111`,
    );
    const association = await associate(exchange, none);
    await association.get({ attribute: register });
    await association.get({ attribute: register });
    expect(asked.map(numberOf)).toEqual([1, 1, 2, 2]);
  });

  test('are not answered by what answers another one', async () => {
    const { exchange } = meter(() => 'C401C1001105');
    const association = await associate(exchange, none);
    expect(await association.get({ attribute: register })).toMatchObject({ kind: 'data' });
    await expect(association.get({ attribute: register })).rejects.toMatchObject({
      code: 4325382,
      message: 'The answer to another request came (1 instead of 2).',
    });
  });

  test('nor is our proof', async () => {
    const high: Authentication = { mechanism: 2, secret: fromLatin1('Secret12'), challenge: fromLatin1('12345678') };
    await expect(associate(meter(() => 'C701C70000').exchange, high)).rejects.toMatchObject({
      code: 4325383,
      message: expect.stringContaining('another request came (7 instead of 1)') as string,
    });
    await expect(associate(meter(() => 'C701C10000').exchange, high)).rejects.toMatchObject({ code: 4325385 });
  });
});

test('an answer in blocks without end costs no memory without end', async () => {
  let blocks = 0;
  const { exchange } = meter(() => {
    blocks++;
    return `E0010001000182F000${'00'.repeat(0xf000)}`;
  });
  const association = await associate(exchange, none);
  await expect(association.get({ attribute: register })).rejects.toThrow('A message has no end');
  expect(blocks).toBeLessThan(20);
});
