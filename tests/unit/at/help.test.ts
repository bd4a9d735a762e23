import { describe, expect, test } from 'vitest';
import { parseCommandLine } from '../../../src/at/command-line.ts';
import { commands, resolve } from '../../../src/at/commands/index.ts';
import { complete } from '../../../src/at/completion.ts';
import { helpPage } from '../../../src/at/help.ts';
import { protocolNames } from '../../../src/protocols/names.ts';
import { protocols } from '../../../src/protocols/registry.ts';

const device = { protocols: protocols.all };

describe('help page', () => {
  const entries = helpPage(device).flatMap((section) => section.entries);

  test('writes each command as it is typed', () => {
    const syntaxes = entries.map(({ syntax }) => syntax);
    for (const syntax of [
      'ATE[<value>]',
      'AT+GMI',
      'AT^SCAMS?',
      'AT^SCAMS="RETRY"[,<retry_count>]',
      'AT^SCAMS="DEV_ADD",<port>,<protocol>,<address>,<interval>',
      'AT^SCAMS="DIRECT_READ",<port>,<protocol>,<address>[,<extra_parameter1>][,<extra_parameter2>]',
      'AT^SCAMSADD=<port>,<protocol>,<baudrate>,<interval>,<number_of_expected_devices>',
      'AT^SCDATA="GET_FILTERED",<filter>',
      'AT^SCPORT<n>="BAUDRATE"[,<value>]',
      'ATS3?',
      'ATS3=<value>',
    ]) {
      expect(syntaxes).toContain(syntax);
    }
  });

  test('speaks of no protocol that is not built in', () => {
    const words = JSON.stringify(helpPage(device));
    for (const foreign of protocolNames.filter((name) => !protocols.find(name))) expect(words).not.toContain(foreign);
    expect(words).toContain('128 for the A/D inputs');
    const lines = JSON.stringify(helpPage({ protocols: device.protocols.filter(({ wire }) => wire === 'line') }));
    for (const foreign of ['ADC', '128 for']) expect(lines).not.toContain(foreign);
  });

  test('every command has words for it, and every example is a command', () => {
    expect(helpPage(device)).toHaveLength(commands.length);
    for (const { syntax, help, parameters, examples } of entries) {
      expect(help, syntax).not.toBe('');
      for (const parameter of parameters) expect(parameter.help, syntax).not.toBe('');
      for (const example of examples) {
        for (const item of parseCommandLine(example) ?? []) {
          expect(item.kind !== 'mistake' && resolve(item), example).toBeTruthy();
        }
      }
    }
  });
});

describe('completion', () => {
  const texts = (line: string) => complete(line, device).candidates.map(({ text }) => text);
  const completed = (line: string) => {
    const { start, candidates } = complete(line, device);
    return line.slice(0, start) + (candidates[0]?.text ?? '');
  };

  test('begins with AT', () => {
    expect(texts('')).toEqual(['AT']);
    expect(texts('a')).toEqual(['AT']);
    expect(texts('x')).toEqual([]);
  });

  test('names', () => {
    expect(texts('AT^SCA')).toEqual(['^SCAMS?', '^SCAMS=', '^SCAMSADD=']);
    expect(texts('at^scport')).toEqual(['^SCPORT1?', '^SCPORT1=']);
    expect(texts('AT')).toContain('+GMI');
    expect(completed('ATE1;^scd')).toBe('ATE1;^SCDATA=');
  });

  test('subcommands, with or without the quote', () => {
    expect(texts('AT^SCAMS=')).toHaveLength(7);
    expect(completed('AT^SCAMS="dev_i')).toBe('AT^SCAMS="DEV_INTERVAL"');
    expect(completed('AT^SDATA=mess')).toBe('AT^SDATA="MESS_CNT"');
    expect(completed('AT^SCPORT2="PAR')).toBe('AT^SCPORT2="PARITY"');
  });

  test('values', () => {
    expect(texts('AT^SCAMS="DEV_ADD",2,')).toEqual(device.protocols.map(({ name }) => `"${name}"`));
    expect(texts('AT^SCAMS="DIRECT_READ",2,')).toEqual(device.protocols.map(({ name }) => `"${name}"`));
    expect(completed('AT^SCAMS="DEV_ADD",2,"mb')).toBe('AT^SCAMS="DEV_ADD",2,"MBUS"');
    expect(texts('AT^SCAMS="DEV_ADD",2,"MBUS","a,b","1')).toEqual([
      '"1M"',
      '"10M"',
      '"12M"',
      '"15M"',
      '"1H"',
      '"12H"',
      '"1D"',
    ]);
    expect(texts('AT^SCAMSADD=2,')).toEqual(['"MBUS"']);
    expect(texts('AT^SCAMSADD=2,2,d')).toEqual(['"default"']);
    expect(texts('AT^SCAMS="DEV_ADD",')).toEqual([]);
    expect(texts('AT^NOPE=')).toEqual([]);
    expect(texts('AT^SCDATA="GET_FILTERED","TIME>1;^SCA')).toEqual([]);
  });
});
