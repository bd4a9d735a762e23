import { afterEach, expect, test } from 'vitest';
import type { ArchiveApi, ExportRequest } from '../../../src/archive/api.ts';
import { connectRenewedArchive } from '../../../src/archive/client.ts';
import { serve } from '../../../src/rpc/rpc.ts';

const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

/** Workers by their number; each says which one it is, and whether it was ended. */
function setUp() {
  const ended: boolean[] = [];
  const start = () => {
    const number = ended.push(false) - 1;
    const { port1, port2 } = new MessageChannel();
    ports.push(port1, port2);
    serve<Pick<ArchiveApi, 'export' | 'count'>>(port2, {
      count: () => number,
      export: ({ filter }) => {
        if (filter === 'bad') throw new Error('too many figures');
        return { count: number, files: [{ name: 'a', content: new Blob(['made']) }] };
      },
    });
    port1.start();
    port2.start();
    const worker = Object.assign(port1, { terminate: () => (ended[number] = true) });
    return Promise.resolve(worker as unknown as Worker);
  };
  return { archive: connectRenewedArchive({ start, onFault: () => undefined }), ended };
}

test('a workbook is made in a worker of its own, which ends with it; everything else goes on in the first one', async () => {
  const { archive, ended } = setUp();
  expect(await archive.call('count', {})).toBe(0);
  const workbook: ExportRequest = { format: 'valuereport', form: 'xlsx' };
  const { count, files } = await archive.call('export', workbook);
  expect(count).toBe(1);
  expect(await files[0]?.content.text()).toBe('made');
  await expect(archive.call('export', { ...workbook, filter: 'bad' })).rejects.toThrow('too many figures');
  expect((await archive.call('export', { format: 'csv' })).count).toBe(0);
  expect(ended).toEqual([false, true, true]);
});
