import type { ControlSignals, ModemSignals, PortEvent, PortSettings } from './port.ts';

/** A transport's own part of a port: how things are done. When they may be done is the same for all: `portOver`. */
export interface Driver {
  /**
   * Opens, sets the control lines and tells 'ready' before what comes in. Rejects when it can't, with a PortError where
   * there are words for it; rejects soon after `stop` aborts, closed again.
   */
  open(settings: PortSettings, signals: ControlSignals, tell: Tell, stop: AbortSignal): Promise<void>;
  /** Sets an open port anew and tells 'ready'. Absent: it has to be closed and opened. */
  change?(settings: PortSettings, tell: Tell): Promise<void>;
  /** 'drain': what it took goes out first. Also called after a loss. Rejects where the port can't be closed. */
  close(how: 'drain' | 'drop'): Promise<void>;
  write(bytes: Uint8Array): Promise<void>;
  setSignals?(signals: ControlSignals): Promise<void>;
  getSignals?(): Promise<ModemSignals>;
  /** Is the device still there? Browsers are seen to say nothing when it goes. */
  isThere?(): Promise<boolean>;
}

export type Tell = (event: PortEvent) => void;
