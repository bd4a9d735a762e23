import { describe, expect, test } from 'vitest';
import type { Meter } from '../../../src/ams/meter.ts';
import { bindPort } from '../../../src/ams/ports-table.ts';
import type { PortId } from '../../../src/common/kinds.ts';
import { createAttribution } from '../../../src/engine/attribution.ts';
import { wmbus } from '../../../src/protocols/wmbus/index.ts';

const PORT: PortId = 'stick';
const meter: Meter = {
  id: '1',
  port: 1,
  protocol: wmbus.name,
  address: '12345678',
  interval: '1D',
  enabled: true,
  since: 0,
};

function attributed(address: string) {
  const meters = [{ ...meter, address }];
  const attribute = createAttribution({
    configuration: () => ({ meters, ports: bindPort([], 1, PORT) ?? [], retries: 0, nextMeterNumber: 2 }),
    speaksItself: () => true,
  });
  return (maker: string) => {
    const { as, doubtful } = attribute(PORT, wmbus, ['12345678', `${maker}12345678`]);
    return [as.meter, doubtful];
  };
}

describe('a radio meter of the list', () => {
  test('is doubtful as soon as a meter of another maker is heard with the same number', () => {
    const by = attributed('12345678');
    expect([by('KAM'), by('KAM')]).toEqual([
      [1, []],
      [1, []],
    ]);
    expect([by('TCH'), by('KAM')]).toEqual([
      [undefined, ['1']],
      [undefined, ['1']],
    ]);
  });

  test('is certain with the letters of its maker', () => {
    const by = attributed('KAM12345678');
    expect(by('TCH')[0]).toBeUndefined();
    expect([by('KAM'), by('TCH')[0], by('KAM')]).toEqual([[1, []], undefined, [1, []]]);
  });
});
