import { describe, expect, test } from 'vitest';
import { portEntry } from '../../../src/ams/ports-table.ts';
import { formatScdata } from '../../../src/log/export/scdata.ts';
import { answer, ERROR, OK, openTerminal } from './terminal.ts';

/** Every example of the SmartCOM's manual (3.8) and of 2N's FAQs: the command as printed there and the reply to the letter. */

const row = (text: string) => /^(\d+),"([^"]*)","([^"]*)","([^"]*)"$/.exec(text)?.slice(1) ?? [];

async function withMeters(...rows: readonly string[]) {
  const terminal = openTerminal();
  for (const text of rows) {
    const [port, protocol, address, interval] = row(text);
    expect(await terminal.type(`AT^SCAMS="DEV_ADD",${port},"${protocol}","${address}","${interval}"`)).toBe(OK);
  }
  return terminal;
}

const four = [
  '2,"IEC62056-21","869551","1M"',
  '2,"IEC62056-21","869552","15M"',
  '128,"AIN_DIN","1/ADC/CAL","1M"',
  '128,"AIN_DIN","2/PULSE/ABS","1H"',
];

describe('manual: AT^SCAMS', () => {
  test('=?', async () => {
    expect(await openTerminal().type('AT^SCAMS=?')).toBe(
      answer(
        '^SCAMS: "ENABLE",0|1',
        '^SCAMS: "RETRY",0-9',
        '^SCAMS: "DEV_ADD",1-1000,"32"|1-1000,"32","3"',
        '^SCAMS: "DEV_REMOVE",1-32',
        '^SCAMS: "DEV_CLEAR"',
        '^SCAMS: "DEV_INTERVAL","ALL"|1-32,"3"',
        '^SCAMS: "DIRECT_READ",1-1000,"32"|1-1000,"32",110-230400,0|1',
      ),
    );
  });

  test('? of an empty list', async () => {
    expect(await openTerminal().type('AT^SCAMS?')).toBe(answer('^SCAMS: NO DEVICE'));
  });

  test('? of four devices', async () => {
    const terminal = await withMeters(...four);
    expect(await terminal.type('AT^SCAMS?')).toBe(answer(...four.map((text, i) => `^SCAMS: ${i + 1}> ${text}`)));
  });

  test('ENABLE', async () => {
    const terminal = openTerminal();
    expect(await terminal.type('AT^SCAMS="ENABLE",1')).toBe(OK);
    expect(terminal.state.enabled).toBe(true);
    expect(await terminal.type('AT^SCAMS="ENABLE"')).toBe(answer('^SCAMS: "ENABLE",1'));
    expect(await terminal.type('AT^SCAMS="ENABLE",0')).toBe(OK);
    expect(await terminal.type('AT^SCAMS="ENABLE"')).toBe(answer('^SCAMS: "ENABLE",0'));
    expect(await terminal.type('AT^SCAMS="ENABLE",2')).toBe(ERROR);
  });

  test('RETRY', async () => {
    const terminal = openTerminal();
    expect(await terminal.type('AT^SCAMS="RETRY"')).toBe(answer('^SCAMS: "RETRY",0'));
    expect(await terminal.type('AT^SCAMS="RETRY",2')).toBe(OK);
    expect(await terminal.type('AT^SCAMS="RETRY"')).toBe(answer('^SCAMS: "RETRY",2'));
    expect(await terminal.type('AT^SCAMS="RETRY",10')).toBe(ERROR);
  });

  test.each([
    ['AT^SCAMS="DEV_ADD",2,"IEC62056-21","869551","3M"', '2,"IEC62056-21","869551","3M"'],
    ['AT^SCAMS="DEV_ADD",2,1,"869551","3M"', '2,"IEC62056-21","869551","3M"'],
    ['AT^SCAMS="DEV_ADD",2,"MBUS","128@2400","1H"', '2,"MBUS","128@2400","1H"'],
    ['AT^SCAMS="DEV_ADD",2,"MBUS","128","1H"', '2,"MBUS","128","1H"'],
    ['AT^SCAMS="DEV_ADD",2,2,"128","1H"', '2,"MBUS","128","1H"'],
    ['AT^SCAMS="DEV_ADD",2,"MBUS","*01579411@2400","1H"', '2,"MBUS","*01579411@2400","1H"'],
    ['AT^SCAMS="DEV_ADD",2,"MBUS","*015794FF@2400","1H"', '2,"MBUS","*015794FF@2400","1H"'],
    ['AT^SCAMS="DEV_ADD",128,"AIN_DIN","1/ADC/CAL","1H"', '128,"AIN_DIN","1/ADC/CAL","1H"'],
    ['AT^SCAMS="DEV_ADD",128,"AIN_DIN","2/DIN","2H"', '128,"AIN_DIN","2/DIN","2H"'],
    ['AT^SCAMS="DEV_ADD",128,128,"2/DIN","2H"', '128,"AIN_DIN","2/DIN","2H"'],
    ['AT^SCAMS="DEV_ADD",128,"AIN_DIN","1/PULSE/ABS","2H"', '128,"AIN_DIN","1/PULSE/ABS","2H"'],
  ])('%s', async (command, listed) => {
    const terminal = openTerminal();
    expect(await terminal.type(command)).toBe(OK);
    expect(await terminal.type('AT^SCAMS?')).toBe(answer(`^SCAMS: 1> ${listed}`));
  });

  test('DEV_REMOVE', async () => {
    const terminal = await withMeters(...four);
    expect(await terminal.type('AT^SCAMS="DEV_REMOVE",4')).toBe(OK);
    expect(await terminal.type('AT^SCAMS?')).toBe(
      answer(...four.slice(0, 3).map((text, i) => `^SCAMS: ${i + 1}> ${text}`)),
    );
    expect(await terminal.type('AT^SCAMS="DEV_REMOVE",4')).toBe(ERROR);
  });

  test('DEV_CLEAR', async () => {
    const terminal = await withMeters(...four);
    expect(await terminal.type('AT^SCAMS="DEV_CLEAR"')).toBe(OK);
    expect(await terminal.type('AT^SCAMS?')).toBe(answer('^SCAMS: NO DEVICE'));
  });

  test('DEV_INTERVAL', async () => {
    const terminal = await withMeters(...four);
    expect(await terminal.type('AT^SCAMS="DEV_INTERVAL",3,"1H"')).toBe(OK);
    expect(terminal.state.meters.map(({ interval }) => interval)).toEqual(['1M', '15M', '1H', '1H']);
    expect(await terminal.type('AT^SCAMS="DEV_INTERVAL","ALL","30M"')).toBe(OK);
    expect(terminal.state.meters.map(({ interval }) => interval)).toEqual(['30M', '30M', '30M', '30M']);
    expect(await terminal.type('AT^SCAMS="DEV_INTERVAL",5,"1H"')).toBe(ERROR);
  });

  test.each([
    ['AT^SCAMS="DIRECT_READ",2,1,"947833"', { port: 2, protocol: 'IEC62056-21', address: '947833', settings: {} }],
    [
      'AT^SCAMS="DIRECT_READ",2,"IEC62056-21","947833",1200',
      { port: 2, protocol: 'IEC62056-21', address: '947833', settings: { baudRate: 1200 } },
    ],
    [
      'AT^SCAMS="DIRECT_READ",2,1,"947833",1200,1',
      { port: 2, protocol: 'IEC62056-21', address: '947833', settings: { baudRate: 1200, denyHigherRate: true } },
    ],
    ['AT^SCAMS="DIRECT_READ",2,"MBUS","128@2400"', { port: 2, protocol: 'MBUS', address: '128@2400', settings: {} }],
    ['AT^SCAMS="DIRECT_READ",2,"MBUS","128"', { port: 2, protocol: 'MBUS', address: '128', settings: {} }],
    ['AT^SCAMS="DIRECT_READ",2,2,"128"', { port: 2, protocol: 'MBUS', address: '128', settings: {} }],
    [
      'AT^SCAMS="DIRECT_READ",2,"MBUS","*01579411@2400"',
      { port: 2, protocol: 'MBUS', address: '*01579411@2400', settings: {} },
    ],
    [
      'AT^SCAMS="DIRECT_READ",2,"MBUS","*015794FF@2400"',
      { port: 2, protocol: 'MBUS', address: '*015794FF@2400', settings: {} },
    ],
    [
      'AT^SCAMS="DIRECT_READ",128,"AIN_DIN","1/ADC/CAL"',
      { port: 128, protocol: 'AIN_DIN', address: '1/ADC/CAL', settings: {} },
    ],
    [
      'AT^SCAMS="DIRECT_READ",128,"AIN_DIN","2/DIN"',
      { port: 128, protocol: 'AIN_DIN', address: '2/DIN', settings: {} },
    ],
    [
      'AT^SCAMS="DIRECT_READ",128,"AIN_DIN","1/PULSE/ABS"',
      { port: 128, protocol: 'AIN_DIN', address: '1/PULSE/ABS', settings: {} },
    ],
  ])('%s', async (command, request) => {
    const terminal = openTerminal();
    terminal.state.readout = { errorCode: 0, identification: 'ident', data: 'data' };
    expect(await terminal.type(command)).toBe(answer('^SCAMS: 0,"ident","data"'));
    expect(terminal.state.directReads).toEqual([request]);
  });

  test('a failed DIRECT_READ is an answer', async () => {
    const terminal = openTerminal();
    terminal.state.readout = { errorCode: 65541, identification: '', data: '' };
    expect(await terminal.type('AT^SCAMS="DIRECT_READ",2,1,"947833"')).toBe(answer('^SCAMS: 65541,"",""'));
  });
});

describe('manual: AT^SCAMSADD', () => {
  const three = [
    { primaryAddress: 1, secondaryAddress: '00660421' },
    { primaryAddress: 19, secondaryAddress: '08780251' },
    { primaryAddress: 1, secondaryAddress: '09801004' },
  ];

  test.each([
    'AT^SCAMSADD=2,2,"default","2h",3',
    'AT^SCAMSADD=2,2,"2400","2h",3',
    'AT^SCAMSADD=2,mbus,"default","2h",3',
    'AT^SCAMSADD=2,mbus,"2400","2h",3',
    // The template's leading comma, and the rate left out.
    'AT^SCAMSADD=,2,2,2400,"2h",3',
    'AT^SCAMSADD=2,2,,"2h",3',
  ])('%s', async (command) => {
    const terminal = openTerminal();
    terminal.state.found = { errorCode: 0, found: three };
    expect(await terminal.type(command)).toBe(answer('^SCAMSADD: 0,3,"1,00660421;19,08780251;1,09801004"'));
    expect(terminal.state.detections).toEqual([
      { port: 2, protocol: 'MBUS', baudRate: 2400, interval: '2H', expectedCount: 3 },
    ]);
  });

  test('another number of meters found', async () => {
    const terminal = openTerminal();
    terminal.state.found = { errorCode: 65286, found: three.slice(0, 2) };
    expect(await terminal.type('AT^SCAMSADD=2,2,"default","2h",3')).toBe(
      answer('^SCAMSADD: 65286,2,"1,00660421;19,08780251"'),
    );
  });

  test('more than there can be is not refused as a number: the search answers it with 65281', async () => {
    const terminal = openTerminal();
    terminal.state.found = { errorCode: 65281, found: [] };
    expect(await terminal.type('AT^SCAMSADD=2,2,"default","2h",100000')).toBe(answer('^SCAMSADD: 65281,0,""'));
  });

  test('collision of secondary addresses', async () => {
    const terminal = openTerminal();
    terminal.state.found = { errorCode: 131094, found: [] };
    expect(await terminal.type('AT^SCAMSADD=2,2,"default","2h",3')).toBe(answer('^SCAMSADD: 131094,0,""'));
  });

  test.each(['AT^SCAMSADD=2,2,9600,"2h",3', 'AT^SCAMSADD=2,2,2400,"7h",3', 'AT^SCAMSADD=2,2,2400,"2h"', 'AT^SCAMSADD'])(
    '%s is an error',
    async (command) => {
      const terminal = openTerminal();
      expect(await terminal.type(command)).toBe(ERROR);
      expect(terminal.state.detections).toEqual([]);
    },
  );
});

describe('FAQ on M-Bus: at^scamsadd', () => {
  const two = [
    { primaryAddress: 0, secondaryAddress: '08031768' },
    { primaryAddress: 1, secondaryAddress: '15020416' },
  ];

  test('at^scams="enable",1', async () => {
    expect(await openTerminal().type('at^scams="enable",1')).toBe(OK);
  });

  test.each([
    'at^scamsadd=2,2,"default","1m",2',
    'at^scamsadd=2,2,2400,"1m",2',
    'at^scamsadd=2,"mbus","default","1m",2',
    'at^scamsadd=2,"mbus",2400,"1m",2',
  ])('%s', async (command) => {
    const terminal = openTerminal();
    terminal.state.found = { errorCode: 0, found: two };
    expect(await terminal.type(command)).toBe(answer('^SCAMSADD: 0,2,"0,08031768;1,15020416"'));
    expect(terminal.state.detections[0]?.interval).toBe('1M');
  });

  test('only one found', async () => {
    const terminal = openTerminal();
    terminal.state.found = { errorCode: 65286, found: two.slice(0, 1) };
    expect(await terminal.type('at^scamsadd=2,2,2400,"1m",2')).toBe(answer('^SCAMSADD: 65286,1,"0,08031768"'));
  });
});

describe('manual: AT^SCDATA', () => {
  const wmbus =
    '^SCDATA: "WMBUS",1452142010,36617,-14,70,"44A2057714005401377277140054A2050137E70000002F2F046D05270721016760DFD11106563616B696E756D6F6B656C65544E320E138545030000002F2F2F2F2F2F2F2F2F"';

  test('a record as the log writes it', () => {
    const data = /"([0-9A-F]+)"$/.exec(wmbus)?.[1] ?? '';
    expect(formatScdata({ type: 'WMBUS', time: 1452142010, seq: 36617, rssi: -14, length: 70, data })).toBe(wmbus);
  });

  test('=?', async () => {
    expect(await openTerminal().type('AT^SCDATA=?')).toBe(
      answer(
        '^SCDATA: "MESS_CNT"',
        '^SCDATA: "GET_SPACE"',
        '^SCDATA: "GET_OLDEST"',
        '^SCDATA: "GET_FILTERED","0-150"',
        '^SCDATA: "DEL_OLDEST"',
        '^SCDATA: "DEL_ALL"',
      ),
    );
  });

  test('MESS_CNT', async () => {
    const terminal = openTerminal();
    terminal.state.records = Array.from({ length: 44 }, () => wmbus);
    expect(await terminal.type('AT^SCDATA="MESS_CNT"')).toBe(answer('^SCDATA: "MESS_CNT",44'));
  });

  test('GET_SPACE', async () => {
    expect(await openTerminal().type('AT^SCDATA="GET_SPACE"')).toBe(answer('^SCDATA: "GET_SPACE",7008089'));
  });

  test('GET_OLDEST without a count gives one', async () => {
    const terminal = openTerminal();
    terminal.state.records = [wmbus, '^SCDATA: "SYSTART",1452142011,36618'];
    expect(await terminal.type('AT^SCDATA="GET_OLDEST"')).toBe(answer(wmbus));
    expect(await terminal.type('AT^SCDATA="GET_OLDEST",9')).toBe(answer(...terminal.state.records));
    expect(await terminal.type('AT^SCDATA="GET_OLDEST",0')).toBe(ERROR);
    terminal.state.records = [];
    expect(await terminal.type('AT^SCDATA="GET_OLDEST"')).toBe(OK);
  });

  test.each([
    'RECORD_TYPE==WMBUS',
    'RECORD_TYPE==AMS;TIME>=1388665085;TIME<=1388668685',
    'RECORD_TYPE==AMS;TIME>1388665085;TABLE_ID==1',
    'ERROR_CODE!=0',
    'ERROR_CODE==0;RECORD_TYPE==AMS;TIME>1388668685',
  ])('AT^SCDATA="GET_FILTERED","%s"', async (filter) => {
    const terminal = openTerminal();
    terminal.state.records = [wmbus];
    expect(await terminal.type(`AT^SCDATA="GET_FILTERED","${filter}"`)).toBe(answer(wmbus));
    expect(terminal.state.filters).toEqual([filter]);
  });

  test('DEL_OLDEST', async () => {
    const terminal = openTerminal();
    expect(await terminal.type('AT^SCDATA="DEL_OLDEST",5')).toBe(OK);
    expect(await terminal.type('AT^SCDATA="DEL_OLDEST"')).toBe(OK);
    expect(terminal.state.deleted).toEqual([5, 1]);
  });

  test('DEL_ALL', async () => {
    const terminal = openTerminal();
    expect(await terminal.type('AT^SCDATA="DEL_ALL"')).toBe(OK);
    expect(terminal.state.deleted).toEqual(['all']);
  });
});

describe('FAQ on IEC 62056-21', () => {
  const data = '1.8.0(0000005*kWh)\r\n2.8.0(0000000*kWh)\r\n';

  test('the port settings, of a port that nothing was ever plugged into', async () => {
    const terminal = openTerminal();
    const baudRate = () => portEntry(terminal.state.ports, 2)?.active.baudRate;
    for (const command of [
      'at^scport2="baudrate",2400',
      'at^scport2="DATA_BITS",7',
      'at^scport2="STOP_BITS",1',
      'at^scport2="PARITY",1',
    ]) {
      expect(await terminal.type(command)).toBe(OK);
    }
    expect(await terminal.type('at^scport2?')).toBe(
      answer('^SCPORT2: "BAUDRATE",2400', '^SCPORT2: "DATA_BITS",7', '^SCPORT2: "STOP_BITS",1', '^SCPORT2: "PARITY",1'),
    );
    expect(baudRate()).toBe(300);
    expect(await terminal.type('at^scport2="srestart"')).toBe(OK);
    expect(baudRate()).toBe(2400);
  });

  test('add and list', async () => {
    const terminal = openTerminal();
    expect(await terminal.type('AT^SCAMS?')).toBe(answer('^SCAMS: NO DEVICE'));
    expect(await terminal.type('AT^SCAMS="DEV_ADD",2,"IEC62056-21","947834","3M"')).toBe(OK);
    expect(await terminal.type('AT^SCAMS?')).toBe(answer('^SCAMS: 1> 2,"IEC62056-21","947834","3M"'));
    expect(await terminal.type('at^scams="dev_remove",1')).toBe(OK);
    expect(await terminal.type('at^scams="dev_add",2,"IEC62056-21","947834","3M"')).toBe(OK);
    expect(await terminal.type('at^scams="dev_clear"')).toBe(OK);
    expect(await terminal.type('at^scams?')).toBe(answer('^SCAMS: NO DEVICE'));
  });

  test.each(['AT^SCAMS="DIRECT_READ",2,1,"947834",2400', 'at^scams="direct_read",2,"IEC62056-21","947834",2400'])(
    '%s',
    async (command) => {
      const terminal = openTerminal();
      terminal.state.readout = { errorCode: 0, identification: 'ZE310.v30_012', data };
      expect(await terminal.type(command)).toBe(
        answer('^SCAMS: 0,"ZE310.v30_012","1.8.0(0000005*kWh)', '2.8.0(0000000*kWh)', '"'),
      );
      expect(terminal.state.directReads).toEqual([
        { port: 2, protocol: 'IEC62056-21', address: '947834', settings: { baudRate: 2400 } },
      ]);
    },
  );

  test('a direct read and a record print alike, also what a meter should not send', async () => {
    const terminal = openTerminal();
    for (const each of [data, '1.8.0(1*kWh)"\r\nAT^SCDATA="DEL_ALL"\r\n\\22']) {
      const readout = { errorCode: 0, identification: 'ZE"310', data: each };
      terminal.state.readout = readout;
      const record = formatScdata({ type: 'AMS', time: 1, seq: 2, protocol: 'IEC62056-21', index: 1, ...readout });
      const [, texts] = /^\^SCDATA: "AMS",1,2,"IEC62056-21",1,0,(.*)$/s.exec(record) ?? [];
      expect(texts).toBeDefined();
      expect(await terminal.type('AT^SCAMS="DIRECT_READ",2,1,"947834",2400')).toBe(answer(`^SCAMS: 0,${texts}`));
    }
  });

  test('the records under the name at^sdata', async () => {
    const terminal = openTerminal();
    const stamps = [1412698863, 1412699043, 1412699223, 1412699403];
    const oldest = stamps.map(
      (stamp, i) => `^SCDATA: "AMS",${stamp},${472 + i},"IEC62056-21",1,0,"ZE310.v30_012","${data}"`,
    );
    terminal.state.records = [...oldest, ...Array.from({ length: 8 }, () => '^SCDATA: "SYSTART",1412699500,480')];
    expect(await terminal.type('at^sdata=?')).toBe(await terminal.type('at^scdata=?'));
    expect(await terminal.type('at^sdata="MESS_CNT"')).toBe(answer('^SCDATA: "MESS_CNT",12'));
    expect(await terminal.type('at^sdata="get_oldest",4')).toBe(answer(...oldest));
    expect(await terminal.type('at^sdata="del_all"')).toBe(OK);
    expect(await terminal.type('at^sdata="MESS_CNT"')).toBe(answer('^SCDATA: "MESS_CNT",0'));
  });
});
