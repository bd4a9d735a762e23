import type { Meter } from '../ams/meter.ts';
import type { PortEntry } from '../ams/ports-table.ts';
import { fittingValues, settingsOf, type Values } from '../common/form.ts';
import { createTries, type Tries } from '../common/tries.ts';
import { framingOf } from '../line/framing.ts';
import { listensWith } from '../protocols/listens.ts';
import type { Protocol } from '../protocols/protocol.ts';
import type { Protocols } from '../protocols/registry.ts';
import type { PortTurnsParts } from './port-turns.ts';

export interface ListSettingsParts extends Pick<PortTurnsParts, 'portEntry' | 'enginePort'> {
  readonly protocols: Protocols;
}

/** With what a meter of the list is read. */
export interface ListSettings {
  /** Every setting that holds for a meter on a port. */
  settingsAt(protocol: Protocol, entry: PortEntry, meter: Pick<Meter, 'port' | 'settings' | 'learnt'>): Values;
  /** As many as the meter's own settings say, or the schedule, whichever is more. @param retries of the schedule */
  triesFor(meter: Meter, retries: number): Promise<Tries>;
  /** Does this meter speak by itself, as it is set up? Not on a port that is not in the table. */
  speaksItself(meter: Meter): boolean;
}

export function createListSettings({ protocols, portEntry, enginePort }: ListSettingsParts): ListSettings {
  const settingsAt: ListSettings['settingsAt'] = (protocol, { active }, { port, settings, learnt }) => {
    const suggested = enginePort(port)?.suggested;
    return settingsOf(protocol.settings, {
      learnt,
      set: fittingValues(protocol.settings, settings),
      suggested: suggested?.protocol === protocol.name ? suggested.settings : undefined,
      port: { baudRate: active.baudRate, framing: framingOf(active) },
    });
  };

  function settingsIn(protocol: Protocol | undefined, meter: Meter): Values | undefined {
    const entry = portEntry(meter.port);
    return protocol && entry && settingsAt(protocol, entry, meter);
  }

  return {
    settingsAt,
    async triesFor(meter, retries) {
      const protocol = protocols.find(meter.protocol);
      const own = settingsIn(protocol, meter)?.['retries'];
      const { generalErrors } = await import('../common/general-errors.ts');
      const rows = [...generalErrors, ...((await protocol?.parts.errors()) ?? [])];
      return createTries(Math.max(retries, typeof own === 'number' ? own : 0), rows);
    },
    speaksItself(meter) {
      const protocol = protocols.find(meter.protocol);
      const settings = settingsIn(protocol, meter);
      return protocol !== undefined && settings !== undefined && listensWith(protocol, settings);
    },
  };
}
