import { toHex } from '../../../common/bytes.ts';
import { HIDDEN } from '../../../common/hidden.ts';
import { MeterError } from '../../../common/meter-error.ts';
import type { Hidden, Line } from '../../../line/line.ts';
import type { ChangedFrame, Changer, ChangeResult, ChangeTask, Plan, PlannedFrame } from '../../change.ts';
import type { MeterAccess } from '../../meter-access.ts';
import { accessOf, type Access } from '../access.ts';
import { parseDlmsAddress } from '../address.ts';
import { dlmsDialogue } from '../ask.ts';
import { attributeText } from '../record-data.ts';
import { readDlms } from '../session.ts';
import { dlmsSettings } from '../settings.ts';
import type { Changing, Done } from './changing.ts';
import { clockWork } from './clock.ts';
import { actWork, setWork } from './object.ts';
import { dlmsChangeOf, type DlmsChange } from './task.ts';

/** Writing attributes and executing methods of a meter. Each request goes out once, and what it did is read back. */
export const dlmsChanger: Changer = {
  // Which bytes they are depends on the types that the meter has.
  preview: (task) => describe(dlmsChangeOf(task), parseDlmsAddress(task.address).baudRate),
  title(task) {
    const change = dlmsChangeOf(task);
    switch (change.kind) {
      case 'set':
        return `Write “${change.text}” to ${attributeText(change.attribute)}`;
      case 'act':
        return `Have ${attributeText(change.method)} executed`;
      case 'clock':
        return 'Set the clock of the meter';
    }
  },
  warnings: (task) => WARNINGS[dlmsChangeOf(task).kind],
  lineOf: (task) => dlmsDialogue.lineOf(task),
  prove: (line, task, access = {}) => carryOut(line, task, access, undefined),
  change: (line, task, plan, access = {}) => carryOut(line, task, access, plan),
};

const WARNINGS: Readonly<Record<DlmsChange['kind'], readonly string[]>> = {
  set: ['What the attribute is for is up to the meter: see its manual. A secret written wrong locks this client out.'],
  act: ['A method may switch the supply off, or reset what cannot be put back.'],
  clock: [
    'A meter marks the row of its load profile in which its clock was set. Set over the end of a period, a row is missing or comes twice.',
    'The time is that of this device, and nobody has checked how right that is: compare it with a clock that is.',
  ],
};

/** Without a plan it is only found out whom the change would meet. Never rejects for what a meter does. */
async function carryOut(
  line: Line,
  task: ChangeTask,
  options: MeterAccess,
  plan: Plan | undefined,
): Promise<ChangeResult> {
  const change = dlmsChangeOf(task);
  const settings = dlmsSettings(task.settings);
  const address = parseDlmsAddress(task.address);
  const frames: ChangedFrame[] = [];
  const last = { sent: '', received: '' };
  let changing: Changing | undefined;
  let done: Done | undefined;
  const access = await accessOf(settings, options).catch((error: unknown) => {
    if (error instanceof MeterError) return error;
    throw error;
  });
  if (access instanceof MeterError)
    return { errorCode: access.code, headline: NOTHING, message: access.message, hint: access.hint, frames };
  const readout = await readDlms(line, address, settings, options, recorded(access, last), async ({ association }) => {
    changing = { line, association, frames, last, isUnsure: false };
    done = await workOf(change, changing, plan);
  });
  const { message = '', hint = '' } = readout.circumstances ?? {};
  if (done) {
    const { headline, message: said = '', plan: proved } = done;
    return { errorCode: 0, headline, message: said, hint: '', frames, ...(proved ? { plan: proved } : {}) };
  }
  const isUnsure = changing?.isUnsure === true;
  const headline = isUnsure ? 'It is not sure what the meter has now.' : NOTHING;
  return { errorCode: readout.errorCode, headline, message, hint, frames };
}

const NOTHING = 'Nothing was changed.';

function workOf(change: DlmsChange, changing: Changing, plan: Plan | undefined): Promise<Done> {
  switch (change.kind) {
    case 'set':
      return setWork(changing, change, plan);
    case 'act':
      return actWork(changing, change, plan);
    case 'clock':
      return clockWork(changing, change, plan);
  }
}

/** Keeps what goes over the link; what is hidden there is dots here. */
function recorded(access: Access, last: Changing['last']): Access {
  return {
    ...access,
    associate: (exchange) =>
      access.associate(async (message, hidden) => {
        last.sent = shownHex(message, hidden);
        last.received = '';
        const answer = await exchange(message, hidden);
        last.received = toHex(answer);
        return answer;
      }),
  };
}

const shownHex = (bytes: Uint8Array, hidden: Hidden = []) =>
  [...bytes]
    .map((byte, i) => (hidden.some(([start, end]) => i >= start && i < end) ? HIDDEN : toHex(Uint8Array.of(byte))))
    .join('');

function describe(change: DlmsChange, baudRate: number): readonly PlannedFrame[] {
  const frame = (text: string, isCommand = false): PlannedFrame => ({ hex: '', baudRate, text, isCommand });
  const command = change.kind === 'act' ? `execute ${attributeText(change.method)}` : 'write the new value';
  const read = change.kind === 'set' ? [frame(`read ${attributeText(change.attribute)}: its type is kept`)] : [];
  return [frame('associate, and ask the meter who it is'), ...read, frame(command, true), frame('read it back')];
}
