import type { Protocol, TaskForm } from '../../protocols/protocol.ts';
import { protocols } from '../../protocols/registry.ts';

/** A search or a change, of one protocol. */
export interface TaskKind {
  readonly key: string;
  readonly protocol: Protocol;
  readonly form: TaskForm;
}

/** All that is built in, first what is offered first. */
export async function taskKinds(part: 'searches' | 'changes'): Promise<readonly TaskKind[]> {
  const kinds = protocols.all.map(async (protocol) =>
    ((await protocol.parts[part]?.()) ?? []).map((form) => ({ key: `${protocol.name} ${form.id}`, protocol, form })),
  );
  return (await Promise.all(kinds)).flat();
}

/** As they are chosen from: value and words. */
export function choicesOf(kinds: readonly TaskKind[]): readonly (readonly [string, string])[] {
  const severalProtocols = new Set(kinds.map(({ protocol }) => protocol.name)).size > 1;
  return kinds.map(({ key, protocol, form }) => [
    key,
    severalProtocols ? `${protocol.title}: ${form.title}` : form.title,
  ]);
}
