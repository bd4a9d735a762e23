import { describe, expect, it } from 'vitest';
import { formatDecimal } from '../../../../src/common/decimal.ts';
import { decodeMbus } from '../../../../src/protocols/mbus/decode.ts';
import { meterTimeText, valueText } from '../../../../src/views/components/format.ts';

/** Frames of the field: public reports and manuals, named by their source. */
const read = (data: string) => decodeMbus({ identification: '', data });
const figures = (data: string) =>
  read(data).flatMap(({ value, unit, time, storage }) =>
    value.type === 'number' && storage !== undefined && storage > 0
      ? [`${formatDecimal(value.decimal)} ${unit} ${time?.iso ?? 'no date'}`]
      : [],
  );

describe('dates of the field', () => {
  it('no date is never shown as one (ioBroker.mbus#330, wmbusmeters#596)', () => {
    const readings = read('6813136808007278563412496A000701000000426CFFFFF516');
    const [date] = readings.slice(-1);
    expect(date?.value).toMatchObject({ type: 'time', time: { iso: '' } });
    expect(date && valueText(date.value, 'en-GB')).toBe('no date');
    expect(meterTimeText({ iso: '' })).not.toMatch(/1970/);
  });

  it('dates that are BCD digits, and the values that belong to them (ABB A43/A44, manual p. 249)', () => {
    const data =
      '689C9C6808007244472400420402020A0000008E01ED6B0000000106068E01041705000000008E11045501000000008E21042702000000008E31043100000000008E8110040401000000008E8140042601000000008E9140043800000000008EA140045500000000008EB140040700000000008E8150042500000000008E41FD610000000000008E8140FD610000000000000F00000000000000000000000000E916';
    expect(figures(data).slice(0, 5)).toEqual(
      ['5.17', '1.55', '2.27', '0.31', '1.04'].map((value) => `${value} kWh 2006-06-01T00:00:00`),
    );
    expect(read(data).find(({ value }) => value.type === 'time')).toMatchObject({ note: 'as BCD digits' });
  });

  it('a series under one storage number has a time for each value (ABB A43, load profile)', () => {
    const data =
      '68333368080172341200004204200201000000446D000AE131441301000000446D000BE131441302000000446D000CE1314413030000009F16';
    expect(figures(data)).toEqual(
      ['0.001 m³ 2023-01-01T10:00', '0.002 m³ 2023-01-01T11:00', '0.003 m³ 2023-01-01T12:00'].map(
        (text) => expect.stringMatching(new RegExp(`^${text.slice(0, 8)}.*${text.slice(-6)}$`)) as string,
      ),
    );
  });

  it('history that was never set is no value (wmbusmeters#596)', () => {
    const data =
      '6874746808007217020951496A00073C0000000C7817020951046D1F06C22904133F0000000C943C000000004413FFFFFFFF426CFFFF8401132200000082016CC129C40113FFFFFFFFC2016CFFFF8402133600000082026CC229043B0000000004222030000004261B00000034220000000002FD1700001F4F16';
    const volumes = read(data).filter(({ unit, storage }) => unit === 'm³' && (storage ?? 0) > 0);
    expect(volumes.map(({ storage, state, time }) => [storage, state, time?.iso])).toEqual([
      [1, 'not available', undefined],
      [2, 'whole', '2022-09-01'],
      [3, 'not available', undefined],
      [4, 'whole', '2022-09-02'],
    ]);
  });
});
