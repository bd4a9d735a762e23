import type { Meter, MeterDraft } from '../ams/meter.ts';
import type { MeterMemory } from '../protocols/meter-access.ts';

export interface ListMemoryParts {
  /** The meter as it is in the list now. */
  meter(id: string): Meter | undefined;
  /** Keeps what a reading taught of a meter. */
  improve(id: string, edit: Partial<MeterDraft>): void;
}

/** What a dialogue learns of a meter of the list stays with the meter, whatever port it is moved to. */
export function memoryInList({ meter, improve }: ListMemoryParts, id: string): MeterMemory {
  const known = () => meter(id)?.learnt;
  return {
    recall() {
      const { staysAtFirstRate, learnedAt, form } = known() ?? {};
      return {
        staysAtFirstRate: staysAtFirstRate === true,
        ...(typeof learnedAt === 'number' ? { learnedAt } : {}),
        ...(typeof form === 'string' ? { form } : {}),
      };
    },
    remember(_key, learned) {
      const before = known() ?? {};
      if (Object.entries(learned).some(([name, value]) => before[name] !== value))
        improve(id, { learnt: { ...before, ...learned } });
    },
  };
}
