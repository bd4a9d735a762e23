import type { ConfigureRequest } from '../../../engine/bus-api.ts';
import type { EngineClient } from '../../../engine/client.ts';
import { DEFAULT_BAUD_RATE, parseMbusAddress } from '../../../protocols/mbus/address.ts';
import type { MbusAddress, MbusBaudRate } from '../../../protocols/mbus/address.ts';
import { preview } from '../../../protocols/mbus/change-plan.ts';
import type { MbusChange, PlannedFrame, ProvedMeter } from '../../../protocols/mbus/change-plan.ts';
import type { ChangeResult } from '../../../protocols/mbus/configure.ts';
import type { MbusSettings } from '../../../protocols/mbus/settings.ts';
import { MeterError } from '../../../common/meter-error.ts';
import { Attempt } from '../../components/attempt.svelte.ts';
import type { Announcer } from '../../shell/announcer.svelte.ts';
import { resultHeadline } from './change-words.ts';

/** A change as it would be made now: who is meant and the exact bytes. */
export interface PlannedChange {
  readonly address: MbusAddress;
  readonly change: MbusChange;
  readonly frames: readonly PlannedFrame[];
  /** Who answered alone when it was asked, before it is confirmed. */
  readonly meter?: ProvedMeter;
}

/** One change of one meter: what is stated, what would be sent, what came of it. */
export class ChangeDesk {
  readonly attempt = new Attempt('The change could not begin.');
  readonly #engine: EngineClient;
  readonly #announcer: Announcer;

  kind: MbusChange['kind'] = $state('primary address');
  newAddress: number | undefined = $state();
  newBaudRate: MbusBaudRate = $state(DEFAULT_BAUD_RATE);
  subcode: number | undefined = $state();
  #address = $state('');
  result: ChangeResult | undefined = $state.raw();
  /** What the result is of. */
  done: MbusChange | undefined = $state.raw();
  /** What the port is doing that has to end first; empty once the turn has come. */
  waitsFor = $state('');
  #abort = new AbortController();

  /** Undefined while something is missing or wrong. */
  readonly plan: PlannedChange | undefined = $derived.by(() => {
    const change = this.#change();
    if (change === undefined || this.addressFault !== '') return undefined;
    const address = parseMbusAddress(this.#address.trim());
    return { address, change, frames: preview(address, change) };
  });

  constructor(engine: EngineClient, announcer: Announcer, address: string) {
    this.#engine = engine;
    this.#announcer = announcer;
    this.#address = address;
  }

  get address(): string {
    return this.#address;
  }

  /** What came of the last change says nothing of another meter. */
  set address(address: string) {
    this.#address = address;
    this.forget();
  }

  get addressFault(): string {
    return faultOf(this.#address.trim());
  }

  /** Gives up waiting; what has begun meanwhile says how far it came. */
  stopWaiting(): void {
    this.#abort.abort();
  }

  forget(): void {
    this.result = undefined;
    this.attempt.problem = undefined;
  }

  /** Asks who would be changed: the plan with that meter, or undefined where it can't be proved; the result says why. */
  async prove(portId: string, plan: PlannedChange, settings: MbusSettings): Promise<PlannedChange | undefined> {
    const { address, change } = plan;
    const result = await this.#call({ portId, address, change, settings, extent: 'proof' });
    if (result?.errorCode === 0 && result.meter) {
      const { meter } = result;
      return { ...plan, meter, frames: preview(address, change, meter) };
    }
    if (result) this.#show(change, result);
    return undefined;
  }

  async make(portId: string, { address, change, meter }: PlannedChange, settings: MbusSettings): Promise<void> {
    const request = { portId, address, change, settings, ...(meter ? { expected: meter } : {}) };
    const result = await this.#call(request);
    if (result) this.#show(change, result);
  }

  async #call(request: ConfigureRequest): Promise<ChangeResult | undefined> {
    if (this.attempt.running) return undefined;
    this.forget();
    const { signal } = (this.#abort = new AbortController());
    const onEvent = ({ forWhat = '' }) => (this.waitsFor = forWhat);
    const result = await this.attempt.run(() =>
      this.#engine.call('configureMeter', request, { signal, onEvent }),
    );
    this.waitsFor = '';
    return result;
  }

  #show(change: MbusChange, result: ChangeResult): void {
    this.done = change;
    this.result = result;
    this.#announcer.say(resultHeadline(change, result));
  }

  #change(): MbusChange | undefined {
    switch (this.kind) {
      case 'primary address':
        return this.newAddress === undefined ? undefined : { kind: this.kind, newAddress: this.newAddress };
      case 'baud rate':
        return { kind: this.kind, newBaudRate: this.newBaudRate };
      case 'application reset':
        return { kind: this.kind, ...(this.subcode === undefined ? {} : { subcode: this.subcode }) };
    }
  }
}

/** Why a text is no M-Bus address, in words; empty for one that is. */
function faultOf(text: string): string {
  if (text === '') return 'M-Bus needs an address: 0 to 250, or * and eight digits.';
  try {
    parseMbusAddress(text);
    return '';
  } catch (error) {
    if (error instanceof MeterError) return error.message;
    throw error;
  }
}
