import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromHex, toHex } from '../../../../src/common/bytes.ts';
import { loadRecognition } from '../../../../src/protocols/recognize.ts';
import { protocols } from '../../../../src/protocols/registry.ts';
import { hashOf, parseRoute } from '../../../../src/views/shell/routes.ts';
import { exampleFrame } from '../../../../src/views/tools/decoder/example.ts';
import { bytesOfLinkPart, linkPartOf, MOST_LINK_BYTES } from '../../../../src/views/tools/decoder/frame-link.ts';
import { textOfBytes } from '../../../../src/intake/text-of-bytes.ts';

const { recognize } = await loadRecognition(protocols);

/** The frames that opening a link shows. */
function opened(part: string) {
  const route = parseRoute(hashOf({ place: 'tools', tool: 'decoder', frame: part }));
  const bytes = bytesOfLinkPart((route.place === 'tools' ? route.frame : undefined) ?? '');
  return [...recognize(textOfBytes(bytes ?? new Uint8Array(0)))];
}

test('a link carries any bytes through the address bar', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 600 }), (bytes) => {
      const part = linkPartOf({ protocol: '', data: toHex(bytes) }) ?? '';
      expect(part).toMatch(/^[\w-]+$/);
      expect(bytesOfLinkPart(part)).toEqual(bytes);
    }),
  );
});

test('an M-Bus frame and a readout come out as they went in', () => {
  const [frame] = recognize(exampleFrame);
  expect(opened((frame && linkPartOf(frame)) ?? '')).toEqual([frame]);
  const [readout] = recognize('/OHU5SIM1\r\n\x021.8.0(000265.057*kWh)\r\n!\r\n\x03\x10');
  expect(opened((readout && linkPartOf(readout)) ?? '')).toEqual([readout]);
});

test('the example decodes without a problem', () => {
  expect([...recognize(exampleFrame)]).toEqual([expect.objectContaining({ protocol: 'MBUS', problems: [] })]);
});

test('a link is bounded both ways', () => {
  const longest = toHex(new Uint8Array(MOST_LINK_BYTES).fill(255));
  const part = linkPartOf({ protocol: 'MBUS', data: longest });
  expect(bytesOfLinkPart(part ?? '')).toEqual(fromHex(longest));
  expect(linkPartOf({ protocol: 'MBUS', data: `${longest}00` })).toBeUndefined();
  expect(linkPartOf({ protocol: 'MBUS', data: '' })).toBeUndefined();
  expect(bytesOfLinkPart('A'.repeat(MOST_LINK_BYTES * 2))).toBeUndefined();
});

test.each(['', '***', 'A', 'AAAAA', '%41%41', '<img>'])('"%s" is no link', (part) => {
  expect(bytesOfLinkPart(part)).toBeUndefined();
});
