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
  const collected = (dialogue.collected ??= nothingCollected());
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
