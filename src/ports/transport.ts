import type { Clock } from '../common/clock.ts';
import type { Port, PortInfo } from '../line/port.ts';

/**
 * A way to reach an adapter. Two halves that never meet: the page asks the user (`requestPort` needs a gesture and a
 * window), the engine's worker holds the ports and loads `watch` on its own.
 */
export interface Transport {
  /** As in {@link PortInfo.transport}. */
  readonly name: string;
  /** "Web Serial". */
  readonly title: string;
  /** "Connect a head…": the button that asks the user. */
  readonly action: string;
  /** Does this browser have it, here in a page or a worker? Found by asking for the feature, never by the browser's name. */
  isHere(): boolean;
  /** Why it is missing, then what would work on this device. */
  missing(): Promise<readonly string[]>;
  /**
   * In the page, from a user's gesture: asks the user for a port. Gives what tells the chosen one among those the engine
   * knows then; undefined where the user chose none. Rejects as the browser does.
   */
  connect(): Promise<((info: PortInfo) => boolean) | undefined>;
  /** In the page: takes back the permission, where the browser can't tell alike ones apart for all of them. */
  forget(info: PortInfo): Promise<void>;
  /** In the engine's worker: the ports that were granted, kept up to date. Loaded with the first call. */
  watch(clock: Clock, onChange: () => void): Promise<KnownPorts>;
}

/** The ports of a transport that this site may use, through plugging and unplugging. */
export interface KnownPorts {
  /** Plugged in now. */
  readonly present: readonly Port[];
  /** Known, but unplugged. */
  readonly lost: readonly PortInfo[];
  /** Asks the browser again, after `connect` or `forget` in a page. */
  refresh(): Promise<void>;
}
