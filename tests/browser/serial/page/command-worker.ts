import { fromLatin1 } from '../../../../src/common/bytes.ts';
import { systemClock } from '../../../../src/common/clock.ts';
import type { Values } from '../../../../src/common/form.ts';
import type { Readout } from '../../../../src/common/readout.ts';
import { Secret } from '../../../../src/common/secret.ts';
import { openLine } from '../../../../src/line/open-line.ts';
import type { ChangeResult, ChangeTask } from '../../../../src/protocols/change.ts';
import { dlmsDialogue } from '../../../../src/protocols/dlms/ask.ts';
import { dlmsChanger } from '../../../../src/protocols/dlms/change/changer.ts';
import { iecDialogue } from '../../../../src/protocols/iec62056-21/ask.ts';
import { iecChanger } from '../../../../src/protocols/iec62056-21/programming/changer.ts';
import { grantedPort } from './granted-port.ts';

export interface CommandRequest {
  readonly protocol: 'iec' | 'dlms';
  readonly address: string;
  readonly settings: Values;
  readonly password?: string;
  /** Proved, and then made. */
  readonly change?: Pick<ChangeTask, 'id' | 'values'>;
}

export interface CommandReport {
  readonly readout?: Readout;
  readonly proved?: ChangeResult;
  readonly changed?: ChangeResult;
}

const parts = {
  iec: { dialogue: iecDialogue, changer: iecChanger },
  dlms: { dialogue: dlmsDialogue, changer: dlmsChanger },
} as const;

async function report({ protocol, address, settings, password, change }: CommandRequest): Promise<CommandReport> {
  const { dialogue, changer } = parts[protocol];
  const target = { address, settings };
  const secret = password === undefined ? undefined : new Secret(fromLatin1(password));
  const access = { secret: () => Promise.resolve(secret) };
  const open = async () => await openLine(await grantedPort(), { ...dialogue.lineOf(target), clock: systemClock });
  let line = await open();
  try {
    if (!change) return { readout: await dialogue.read(line, target, access) };
    const task = { ...change, ...target };
    const proved = await changer.prove(line, task, access);
    await line.close();
    if (!proved.plan) return { proved };
    line = await open();
    return { proved, changed: await changer.change(line, task, proved.plan, access) };
  } finally {
    await line.close();
  }
}

self.onmessage = ({ data }: MessageEvent<CommandRequest>) => {
  report(data).then(
    (told) => self.postMessage(told),
    (error: unknown) => self.reportError(error),
  );
};
