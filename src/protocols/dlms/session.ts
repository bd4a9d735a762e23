import { MeterError } from '../../common/meter-error.ts';
import type { Circumstances, Readout } from '../../common/readout.ts';
import { createTries, type Tries } from '../../common/tries.ts';
import type { Line } from '../../line/line.ts';
import { PortError } from '../../line/port.ts';
import type { ReadOptions } from '../protocol.ts';
import { plainAccess, PUBLIC, type Access } from './access.ts';
import type { DlmsAddress } from './address.ts';
import { nameOf } from './apdu/attribute.ts';
import { CounterError } from './apdu/exception.ts';
import { listedObjects, readObject, type Session } from './collect.ts';
import { step, triesOfDialogue, type Dialogue } from './dialogue.ts';
import { asDlmsError, dlmsError, dlmsErrors } from './errors.ts';
import { addressText } from './hdlc/address.ts';
import { hdlcLink } from './hdlc/link.ts';
import { learnCounter } from './meter-counter.ts';
import { readInModeC } from './mode-c.ts';
import { connect, openInModeE, reconnect } from './open.ts';
import type { DlmsSettings } from './settings.ts';
import { FIRST_RATE } from './sign-on.ts';

/** Many meters do not know the public client, and a read goes without it. */
const MOST_PUBLIC_MS = 1500;

/** What is done in an association in place of reading what the address names. */
export type Work = (session: Session) => Promise<void>;

interface Asking {
  readonly dialogue: Dialogue;
  readonly address: DlmsAddress;
  readonly settings: DlmsSettings;
  readonly access: Access;
}

/**
 * One read of a meter over an open line: connection, association, attribute after attribute, and the release of both
 * whatever happened. What the meter refuses is `ERR` and stops nothing. Never rejects for what a meter does: a failed read
 * is a readout with an error code and what came before it.
 */
export async function readDlms(
  line: Line,
  address: DlmsAddress,
  settings: DlmsSettings,
  options: ReadOptions,
  access: Access = plainAccess({ mechanism: 0 }),
  work?: Work,
): Promise<Readout> {
  const began = line.clock.monotonic();
  const { client, timeoutMs, retries } = settings;
  const account = options.tries ?? createTries(retries, dlmsErrors);
  const tries = triesOfDialogue(account);
  let repeats = 0;
  const onRepeat = (text: string) => {
    repeats++;
    options.onProgress?.({ kind: 'step', step: 'retrying', text });
  };
  const linkAs = (as: number, account: Tries, patienceMs = timeoutMs) =>
    hdlcLink(line, { client: as, server: address.server, timeoutMs: patienceMs, tries: account, onStep: onRepeat });
  const link = linkAs(client, tries);
  const dialogue: Dialogue = {
    line,
    link,
    tries,
    options,
    onRepeat,
    notes: [],
    results: [],
    opened: undefined,
    security: undefined,
  };
  let failure: MeterError | undefined;
  try {
    if (settings.opening === 'mode E') {
      const { identification, refusal } = await openInModeE(dialogue, address.baudRate);
      tries.progress();
      if (refusal !== undefined && work) throw dlmsError('opening', refusal);
      if (refusal !== undefined) return await readout(dialogue, refusal, identification);
    }
    if (access.counter) {
      step(dialogue, 'asking', `asking the meter as client ${PUBLIC} (public) for its message counter`);
      const publicLink = linkAs(PUBLIC, createTries(1, dlmsErrors), Math.min(timeoutMs, MOST_PUBLIC_MS));
      await learnCounter(access.counter, publicLink, client, dialogue.notes);
      // At a head the meter is back at the beginning.
      if (dialogue.opened) {
        await line.change({ baudRate: FIRST_RATE, framing: '7E1' });
        await openInModeE(dialogue, address.baudRate);
      }
    }
    const refusal = await inAssociation({ dialogue, address, settings, access }, work);
    if (refusal !== undefined && work) throw dlmsError('opening', refusal);
    if (refusal !== undefined) return await readout(dialogue, refusal, dialogue.opened?.identification ?? '');
  } catch (error) {
    failure = asDlmsError(error, line.signal);
    // Whoever repeats the whole has so many tries less, and never more for what was heard before it failed.
    for (let used = 0; used < tries.used; used++) account.take(failure.code);
  }
  const { opened } = dialogue;
  const data = dialogue.results.join(',');
  const notes = [...dialogue.notes, ...link.notes];
  const circumstances: Circumstances = {
    ...(opened ? { mode: 'E', manufacturer: opened.identification.slice(0, 3) } : {}),
    baudRate: line.baudRate,
    ...(line.echo === 'unknown' ? {} : { echo: line.echo === 'echoes' }),
    attempts: 1 + repeats,
    durationMs: Math.round(line.clock.monotonic() - began),
    ...(failure && data !== '' ? { partial: true } : {}),
    ...(dialogue.security === undefined ? {} : { security: dialogue.security }),
    ...(failure ? { message: failure.message, hint: failure.hint } : {}),
    ...(failure instanceof CounterError && failure.offer ? { offer: failure.offer } : {}),
    ...(notes.length > 0 ? { notes } : {}),
  };
  return { errorCode: failure?.code ?? 0, identification: opened?.identification ?? '', data, circumstances };
}

/** What the meter gives in mode C where it refuses mode E. Rejects with a MeterError where that is nothing. */
async function readout({ line, options, notes }: Dialogue, refusal: string, identification: string): Promise<Readout> {
  options.onProgress?.({ kind: 'step', step: 'retrying', text: `${refusal} Reading its table instead (mode C)` });
  const read = await readInModeC(line, options);
  const { circumstances: { message = '', ...circumstances } = {} } = read;
  if (read.data === '' && !line.signal.aborted)
    throw dlmsError('opening', `${refusal} It does not give its table either: ${message}`);
  return {
    ...read,
    identification: read.identification === '' ? identification : read.identification,
    circumstances: {
      ...circumstances,
      ...(message === '' ? {} : { message }),
      notes: [...notes, `${refusal} Its table was read instead (mode C).`, ...(circumstances.notes ?? [])],
    },
  };
}

/** Gives why the meter takes no HDLC, in words; undefined: it does, and was read. */
async function inAssociation(
  { dialogue, address, settings, access }: Asking,
  work: Work = async (session) => await readWanted(dialogue, session, address, settings),
): Promise<string | undefined> {
  const { link } = dialogue;
  step(dialogue, 'opening', `connecting with server ${addressText(address.server)}`);
  // The meter may be connected although nothing of it was heard.
  try {
    const refusal = await connect(dialogue);
    if (refusal !== undefined) return refusal;
    step(dialogue, 'asking', 'associating');
    let association = await access.associate(link.exchange);
    dialogue.security = access.level;
    const session: Session = {
      get association() {
        return association;
      },
      async again() {
        await reconnect(dialogue);
        association = await access.associate(link.exchange);
      },
    };
    try {
      step(dialogue, 'identified', 'the meter lets us in');
      await work(session);
    } finally {
      step(dialogue, 'closing', 'signing off');
      dialogue.tries.end();
      // A meter that ignores the release is released by the end of the connection.
      await quietly(dialogue, async () => {
        if (!dialogue.line.signal.aborted) await association.release();
      });
    }
    return undefined;
  } finally {
    await quietly(dialogue, () => link.disconnect());
  }
}

async function readWanted(
  dialogue: Dialogue,
  session: Session,
  { objects }: DlmsAddress,
  { read, profile, days, entries }: DlmsSettings,
): Promise<void> {
  if (read !== 'objects') {
    const { readProfile } = await import('./profile/read-profile.ts');
    const name = nameOf(profile);
    if (!name) throw dlmsError('address', `“${profile}” is no name of a profile such as 1-0:99.1.0.`);
    return await readProfile(dialogue, session, read === 'profile' ? { name, days } : { name, entries });
  }
  const { association } = session;
  const wanted = objects.length > 0 ? objects : await listedObjects(dialogue, association);
  for (const object of wanted) await readObject(dialogue, association, object);
}

/** Signing off changes nothing of what was read. The line may still have to tell of Stop: then it is begun again, once. */
async function quietly({ line }: Pick<Dialogue, 'line'>, farewell: () => Promise<void>, isTold = false): Promise<void> {
  try {
    await farewell();
  } catch (error) {
    if (error instanceof MeterError || error instanceof PortError) return;
    if (!line.signal.aborted) throw error;
    if (!isTold) await quietly({ line }, farewell, true);
  }
}
