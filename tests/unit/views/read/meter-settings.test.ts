import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultIecSettings } from '../../../../src/protocols/iec62056-21/settings.ts';
import { changedSettings, parseSettings } from '../../../../src/views/read/meter-settings.ts';

describe('meter settings', () => {
  test('nothing stored: the defaults', () => {
    expect(parseSettings(undefined)).toEqual(defaultIecSettings);
  });

  test('what was changed comes back, and only that is stored', () => {
    const settings = {
      ...defaultIecSettings,
      mode: 'C' as const,
      baudRate: 9600,
      t2Ms: 250,
      wakeUp: { profile: 'immediate' as const, nuls: 40 },
      customRequest: '/#!',
    };
    const stored = changedSettings(settings, defaultIecSettings);
    expect(Object.keys(stored).sort()).toEqual(['baudRate', 'customRequest', 'mode', 't2Ms', 'wakeUp']);
    expect(parseSettings(JSON.parse(JSON.stringify(stored)))).toEqual(settings);
  });

  test('a simulated meter’s own defaults stand under what is stored', () => {
    const defaults = { ...defaultIecSettings, mode: 'D' as const, wakeUp: { profile: 'standard' as const } };
    expect(parseSettings({ retries: 3 }, defaults)).toEqual({ ...defaults, retries: 3 });
    expect(changedSettings(defaults, defaults)).toEqual({});
  });

  test('anything at all in storage gives settings a meter can be read with', () => {
    const keys = fc.constantFrom(...Object.keys(defaultIecSettings), 't2Ms', 'customRequest');
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.dictionary(keys, fc.jsonValue())), (stored) => {
        const settings = parseSettings(stored);
        expect(parseSettings(settings)).toEqual(settings);
        expect(settings.retries).toBeLessThanOrEqual(9);
        expect(settings.timeoutMs).toBeGreaterThanOrEqual(100);
      }),
    );
  });
});
