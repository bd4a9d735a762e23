import { toLatin1 } from '../../../common/bytes.ts';
import type { DataMessage } from '../data-message.ts';
import type { Dialogue } from '../dialogue.ts';
import { acknowledgeAndReceive, receiveUnasked } from '../acknowledge.ts';
import { iecError } from '../errors.ts';
import { nothingCollected, type Collected } from './collected.ts';
import { isLogBook, readLogBook } from './log-book.ts';
import { readProfile } from './profile.ts';
import { parseRegisters, readRegisters } from './registers.ts';
import { inProgrammingMode } from './session.ts';
import type { Session } from './exchange.ts';

const TABLE_INSTEAD = 'the meter takes no commands: its whole table was read';

/**
 * Reads chosen registers or a load profile in programming mode, behind the identification. The result is a data message
 * like that of a readout: a data set a line, as the meter answered, with the address that was asked for in front where
 * the meter leaves it out. Collected data survives a dialogue that has to be begun again.
 */
export async function readByCommands(dialogue: Dialogue, z: string, offered: number): Promise<DataMessage> {
  const { settings, password } = dialogue;
  const registers = settings.read === 'registers' ? parseRegisters(settings.registers ?? '') : [];
  let collected = collectedFrom(dialogue, undefined);
  if (collected.takesNoCommands && settings.read === 'registers') {
    dialogue.notes.add(TABLE_INSTEAD);
    return await acknowledgeAndReceive(dialogue, z, offered);
  }
  const show = () => {
    dialogue.earlierBlocks = dataOf(collected);
    dialogue.options.onProgress?.({ kind: 'data', data: dialogue.earlierBlocks });
  };
  dialogue.earlierBlocks = dataOf(collected);
  return await inProgrammingMode<DataMessage>(dialogue, { z, offered }, password ? { password: password.bytes } : {}, {
    readout: async (ahead) => {
      if (settings.read === 'profile') {
        throw iecError('unsupported mode', 'The meter sends its table and does not wait for commands.', {
          hint: 'It has no load profile to ask for: read the whole table.',
        });
      }
      dialogue.notes.add(TABLE_INSTEAD);
      return await receiveUnasked(dialogue, ahead);
    },
    run: async (session) => {
      collected = collectedFrom(dialogue, session.operand);
      const { profile: address, days } = settings;
      if (settings.read === 'profile') {
        if (isLogBook(address)) await readLogBook(session, { address, days }, collected);
        else await readProfile(session, { address, days }, collected, show);
      } else await readRegisters(session, registers, collected, show);
      dialogue.earlierBlocks = '';
      return messageOf(session, dataOf(collected));
    },
  });
}

/** The head may have been moved to another meter in between: what was got from one is not gone on with at the other. */
function collectedFrom(dialogue: Dialogue, operand = ''): Collected {
  const identification = toLatin1(dialogue.identification?.raw ?? new Uint8Array(0)).trim();
  // Longer ones, and those with letters, are what a password is computed from: another one each time.
  const number = /^\d{4,12}$/.test(operand) ? operand : undefined;
  const kept = dialogue.collected;
  if (kept?.identification === identification && (kept.number ?? number) === (number ?? kept.number)) {
    kept.number ??= number;
    return kept;
  }
  if (kept) {
    dialogue.notes.add('another meter answered when the read was begun again: what the first one gave is not kept');
    dialogue.earlierBlocks = '';
  }
  return (dialogue.collected = nothingCollected(identification, number));
}

function dataOf({ registers, profile, log = '' }: Collected): string {
  return [...registers.values()].join('') + (profile?.book.data ?? '') + log;
}

/** Every answer in it had a right block check, or it would not be there. */
function messageOf({ isChecked }: Session, block: string): DataMessage {
  return {
    block,
    blockCheck: isChecked ? 'ok' : 'not checked',
    crc: false,
    ownSum: false,
    framed: true,
    more: false,
    complete: true,
    parityErrors: 0,
    invalidCharacters: 0,
    errorCode: 0,
    deviations: [],
    raw: new Uint8Array(0),
    range: { start: 0, end: 0 },
  };
}
