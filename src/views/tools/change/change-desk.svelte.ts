import type { ChangeRequest } from '../../../engine/bus-api.ts';
import type { EngineClient } from '../../../engine/client.ts';
import { isComplete, settingsOf, withSetting, type Value, type Values } from '../../../common/form.ts';
import { MeterError } from '../../../common/meter-error.ts';
import { looksRight } from '../../../protocols/address-text.ts';
import type { Changer, ChangeResult, ChangeTask, Plan, PlannedFrame } from '../../../protocols/change.ts';
import type { Protocol } from '../../../protocols/protocol.ts';
import { Attempt } from '../../components/attempt.svelte.ts';
import type { Problem } from '../../read/problem.ts';
import type { Announcer } from '../../shell/announcer.svelte.ts';
import type { TaskKind } from '../task-kinds.ts';

/** A change that is proved to meet one meter, as it is shown before it is confirmed. */
export interface ProvedChange {
  /** Where it was proved: at another port a meter that names no number may be another one. */
  readonly at: Pick<ChangeRequest, 'portId' | 'protocol'>;
  readonly task: ChangeTask;
  readonly plan: Plan;
  readonly title: string;
  readonly warnings: readonly string[];
}

/** One change of one meter: what is stated, what would be sent, what came of it. */
export class ChangeDesk {
  readonly proving = new Attempt('The change could not begin.');
  readonly making = new Attempt('The change was not carried through.');
  readonly #engine: EngineClient;
  readonly #announcer: Announcer;

  #kind: TaskKind | undefined = $state.raw();
  #set: Values = $state.raw({});
  #address = $state('');
  /** What knows the bytes; it is loaded with the page. */
  #changer: Changer | undefined = $state.raw();
  result: ChangeResult | undefined = $state.raw();
  /** What the port is doing that has to end first; empty once the turn has come. */
  waitsFor = $state('');
  #abort = new AbortController();

  /**
   * @param kinds first what is offered first
   * @param here what is read now, and with which address; its changes are offered first
   */
  constructor(
    engine: EngineClient,
    announcer: Announcer,
    kinds: readonly TaskKind[],
    here: { readonly protocol: Pick<Protocol, 'name'>; readonly address: string },
  ) {
    this.#engine = engine;
    this.#announcer = announcer;
    const own = kinds.find(({ protocol }) => protocol.name === here.protocol.name);
    if (own) this.#address = here.address;
    this.kind = own ?? kinds[0];
  }

  get kind(): TaskKind | undefined {
    return this.#kind;
  }

  set kind(kind: TaskKind | undefined) {
    this.#kind = kind;
    this.#set = {};
    this.#changer = undefined;
    this.forget();
    void this.proving.run(async () => {
      const changer = await kind?.protocol.parts.changer?.();
      if (this.#kind === kind) this.#changer = changer;
    });
  }

  get address(): string {
    return this.#address;
  }

  /** What came of the last change says nothing of another meter. */
  set address(address: string) {
    this.#address = address;
    this.forget();
  }

  // No `$derived`: it would end with the page it was made on, and the desk may outlive that.
  get values(): Values {
    return settingsOf(this.#kind?.form.fields ?? [], { set: this.#set });
  }

  /** What would be sent as far as it is known; undefined while something is missing or wrong. */
  get frames(): readonly PlannedFrame[] | undefined {
    const task = this.#task({});
    if (!task || !this.#changer) return undefined;
    try {
      return this.#changer.preview(task);
    } catch (error) {
      if (error instanceof MeterError) return undefined;
      throw error;
    }
  }

  get running(): boolean {
    return this.proving.running || this.making.running;
  }

  get problem(): Problem | undefined {
    return this.making.problem ?? this.proving.problem;
  }

  get isAddressWrong(): boolean {
    return this.#kind === undefined || !looksRight(this.#kind.protocol.address, this.#address.trim());
  }

  fill(key: string, value: Value | undefined): void {
    this.#set = withSetting(this.#kind?.form.fields ?? [], { set: this.#set }, key, value);
  }

  /** Gives up waiting; what has begun meanwhile says how far it came. */
  stopWaiting(): void {
    this.#abort.abort();
  }

  forget(): void {
    this.result = undefined;
    this.proving.problem = undefined;
    this.making.problem = undefined;
  }

  /** Asks who would be changed: undefined where it can't be proved; the result says why. */
  async prove(portId: string, settings: Values): Promise<ProvedChange | undefined> {
    const task = this.#task(settings);
    const changer = this.#changer;
    if (!task || !changer || !this.#kind) return undefined;
    const at = { portId, protocol: this.#kind.protocol.name };
    const result = await this.#call(this.proving, { ...at, ...task });
    if (result?.errorCode === 0 && result.plan) {
      return { at, task, plan: result.plan, title: changer.title(task), warnings: changer.warnings(task) };
    }
    if (result) this.#show(result);
    return undefined;
  }

  async make({ at, task, plan }: ProvedChange): Promise<void> {
    const result = await this.#call(this.making, { ...at, ...task, plan });
    if (result) this.#show(result);
  }

  async #call(attempt: Attempt, request: ChangeRequest): Promise<ChangeResult | undefined> {
    if (this.running) return undefined;
    this.forget();
    const { signal } = (this.#abort = new AbortController());
    const onEvent = ({ forWhat = '' }) => (this.waitsFor = forWhat);
    const result = await attempt.run(() => this.#engine.call('changeMeterItself', request, { signal, onEvent }));
    this.waitsFor = '';
    return result;
  }

  #show(result: ChangeResult): void {
    this.result = result;
    this.#announcer.say(result.headline);
  }

  #task(settings: Values): ChangeTask | undefined {
    const { form } = this.#kind ?? {};
    if (!form || this.isAddressWrong || !isComplete(form.fields, this.values)) return undefined;
    return { id: form.id, address: this.#address.trim(), values: this.values, settings };
  }
}
