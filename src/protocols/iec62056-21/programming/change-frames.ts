import { toLatin1 } from '../../../common/bytes.ts';
import type { ChangeTask, PlannedFrame } from '../../change.ts';
import { parseIecAddress, requestMessage } from '../address.ts';
import { iecDialogue } from '../ask.ts';
import { offeredMode } from '../baud.ts';
import { acknowledgeMessage } from '../control.ts';
import { iecSettings } from '../settings.ts';
import { hexOf, plannedFrame, type Asked, type Changing } from './change-session.ts';
import type { IecChange } from './change-task.ts';
import { clockReads } from './clock-change.ts';
import { breakCommand, passwordCommand, readCommand, writeCommands, type Check, type Command } from './command.ts';
import { algorithmOf } from './password.ts';

/** The register that shows what a change did; undefined where there is none, or several. */
export const registerOf = (change: IecChange) =>
  change.kind === 'write' ? change.address : change.kind === 'execute' ? change.register : undefined;

export function commandsOf(change: IecChange, check: Check, password: string | undefined): readonly Command[] {
  const behind = password === undefined || change.place !== 'bracket' ? {} : { password };
  switch (change.kind) {
    case 'write':
      return writeCommands(change.command, { dataSet: `${change.address}(${change.value})`, ...behind }, check);
    case 'execute':
      return writeCommands('E2', { dataSet: change.dataSet, ...behind }, check);
    case 'clock':
      return [];
  }
}

export const passwordText = ({ change }: Pick<Changing, 'change'>, password: Changing['password']) =>
  password && change.place === 'bracket' ? toLatin1(password.bytes) : undefined;

export function textOf(change: IecChange, block: number, blocks: number): string {
  const what =
    change.kind === 'write'
      ? `write ${change.address}: becomes “${change.value}”`
      : `have it done: ${registerWords(change)}`;
  return blocks > 1 ? `${what} (block ${block + 1} of ${blocks})` : what;
}

const registerWords = (change: IecChange) => (change.kind === 'execute' ? change.dataSet : '');

/** All that is sent, as far as it is known: rate and password only once the meter was seen. */
export function framesOf(
  change: IecChange,
  task: ChangeTask,
  asked?: Asked,
  timed: readonly PlannedFrame[] = [],
): readonly PlannedFrame[] {
  const settings = iecSettings(task.settings);
  const first = iecDialogue.lineOf(task).baudRate;
  const check: Check = settings.blockCheck === 'sum7' ? 'sum7' : 'xor';
  const rate = asked?.dialogue.line.baudRate ?? first;
  const plain = (bytes: Uint8Array, text: string, at = rate): PlannedFrame =>
    plannedFrame({ bytes, hidden: [] }, at, text);
  const request = requestMessage(parseIecAddress(task.address).address, settings.customRequest);
  const identification = asked?.dialogue.identification;
  const z = identification && (offeredMode(identification).baudRate === rate ? identification.baudCharacter : '0');
  const register = registerOf(change);
  const reads: readonly (readonly [Command, string])[] =
    change.kind === 'clock'
      ? clockReads(asked, check)
      : register === undefined
        ? []
        : [[readCommand(asked?.known.read ?? 'R5', register, check), `read ${register}`]];
  const readFrames = (text: string) => reads.map(([command, what]) => plannedFrame(command, rate, `${what} ${text}`));
  const password = asked && passwordText(asked, asked.password);
  const commands = commandsOf(change, check, password).map((command, i, { length }) =>
    plannedFrame(command, rate, textOf(change, i, length), true),
  );
  return [
    plain(request, 'sign on', first),
    ...(z === undefined ? [] : [plain(acknowledgeMessage(z, '1'), 'go to programming mode', first)]),
    ...(asked ? passwordFrames(asked, check) : []),
    ...readFrames('as it is'),
    ...commands,
    ...timed,
    ...readFrames('back'),
    plain(breakCommand(check), 'sign off'),
  ];
}

/** Computed from the meter's own key it is another one each time: nothing of it can be shown. */
function passwordFrames({ change, password, dialogue }: Asked, check: Check): readonly PlannedFrame[] {
  if (!password || change.place !== 'P1') return [];
  const algorithm = algorithmOf(dialogue.identification?.manufacturer ?? '');
  const command = passwordCommand(
    algorithm ? 'P2' : 'P1',
    algorithm ? '0'.repeat(16) : toLatin1(password.bytes),
    check,
  );
  return [{ hex: hexOf(command), baudRate: dialogue.line.baudRate, text: 'the password', isCommand: false }];
}
