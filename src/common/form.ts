/** Settings, searches, changes: whatever a person can set is one kind of table, read by engine, forms, files and AT alike. */

export type Value = string | number | boolean;

/** By the key of the field. What lists, files and databases keep. */
export type Values = Readonly<Record<string, Value>>;

export interface Choice {
  readonly value: string | number;
  readonly label: string;
}

export interface Field {
  readonly key: string;
  readonly label: string;
  readonly help?: string;
  /**
   * 'whole': an integer from `least` to `most`, of which `choices` are the usual ones; 'choice': one of `choices` and
   * nothing else; 'several': one or more of them, as text with commas between.
   */
  readonly kind: 'whole' | 'yes/no' | 'choice' | 'several' | 'text';
  readonly least?: number;
  readonly most?: number;
  readonly unit?: string;
  readonly choices?: readonly Choice[];
  /** Absent: empty stands for "as the protocol finds right", and `placeholder` says what that is. */
  readonly default?: Value;
  readonly placeholder?: string;
  /** Of a text: what it looks like as a whole, and that in words: "Two hexadecimal digits". */
  readonly pattern?: string;
  readonly patternWords?: string;
  /**
   * What a person is asked before another value than `unless` means anything. `of`: further fields that the question is
   * about; `agreed`: the field that keeps what was agreed to, so that the question comes again once one of them differs.
   */
  readonly asks?: {
    readonly unless: Value;
    readonly of: readonly string[];
    readonly agreed: string;
    readonly title: string;
    readonly text: string;
    readonly yes: string;
    readonly no: string;
  };
  /** A text that is the name of one of the protocol's profiles. */
  readonly isProfile?: true;
  /** It has no default, and nothing goes on without it. */
  readonly isNeeded?: true;
  /** Only a person's answer sets it: it is shown nowhere, and no file brings it. */
  readonly isAgreement?: true;
  /** Heading that it stands under. */
  readonly group?: string;
  /** Which setting of the port holds where nobody says otherwise. */
  readonly port?: 'baudRate' | 'framing';
  /** Only shown where another field says this. */
  readonly where?: { readonly key: string; readonly is: readonly Value[] };
  /** Which extra parameter of DIRECT_READ it is. */
  readonly at?: 1 | 2;
  /** The key, or the path, under which earlier versions kept it. */
  readonly formerly?: string;
}

export type Form = readonly Field[];

type ValueOf<F extends Field> = F extends { readonly kind: 'choice'; readonly choices: readonly Choice[] }
  ? F['choices'][number]['value']
  : F['kind'] extends 'whole'
    ? number
    : F['kind'] extends 'yes/no'
      ? boolean
      : string;

/** The settings of a form that is written `as const`: what has a default is always there. */
export type ValuesOf<F extends Form> = {
  readonly [K in F[number] as K extends { readonly default: Value } ? K['key'] : never]: ValueOf<K>;
} & {
  readonly [K in F[number] as K extends { readonly default: Value } ? never : K['key']]?: ValueOf<K>;
};

/** Who says what holds, the first one first. What was learnt of a meter and what a person set are kept apart. */
export interface Layers {
  readonly set?: Values | undefined;
  readonly learnt?: Values | undefined;
  /** How the one meter behind a port, a simulated one, wants to be read. */
  readonly suggested?: Values | undefined;
  readonly port?: { readonly baudRate: number; readonly framing: string } | undefined;
}

export type Origin = 'set' | 'learnt' | 'suggested' | 'port' | 'default';

export interface Holding {
  readonly value: Value;
  readonly origin: Origin;
}

/** Whether a value, of whatever a file or a database holds, is one for this field. */
export function fits(
  { kind, least = -Infinity, most = Infinity, choices = [], pattern }: Field,
  value: unknown,
): value is Value {
  switch (kind) {
    case 'whole':
      return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
    case 'choice':
      return choices.some((choice) => choice.value === value);
    case 'yes/no':
      return typeof value === 'boolean';
    case 'several':
      return typeof value === 'string' && isSeveral(severalOf(value), choices);
    case 'text':
      return typeof value === 'string' && value.length <= most && (value === '' || matches(pattern, value));
  }
}

/** The values of a field 'several', as text. */
export const severalOf = (value: Value): readonly string[] =>
  String(value)
    .split(',')
    .filter((one) => one !== '');

const isSeveral = (values: readonly string[], choices: readonly Choice[]) =>
  values.length > 0 && values.every((one) => choices.some(({ value }) => String(value) === one));

const matches = (pattern: string | undefined, text: string) =>
  pattern === undefined || new RegExp(`^(?:${pattern})$`, 'u').test(text);

/** Everything that is needed is filled in. */
export const isComplete = (form: Form, values: Values): boolean =>
  form.every(({ key, isNeeded }) => isNeeded !== true || values[key] !== undefined);

/** What holds for a field, and who says so; undefined where it is empty. A value that is none for it is passed over. */
export function holding(field: Field, { set, learnt, suggested, port }: Layers): Holding | undefined {
  const { key } = field;
  const candidates = [
    ['set', set?.[key]],
    ['learnt', learnt?.[key]],
    ['suggested', suggested?.[key]],
    ['port', field.port && port?.[field.port]],
    ['default', field.default],
  ] as const;
  for (const [origin, value] of candidates) if (fits(field, value)) return { value, origin };
  return undefined;
}

/** What holds for each field that is not empty. */
export function settingsOf(form: Form, layers: Layers): Values {
  return Object.fromEntries(
    form.flatMap((field): [string, Value][] => {
      const held = holding(field, layers);
      return held ? [[field.key, held.value]] : [];
    }),
  );
}

/** The settings that values stand for, in the form's own types; what is missing or does not fit has its default. */
export function typedSettings<const F extends Form>(form: F, set: Values): ValuesOf<F> {
  // `fits` has looked at each.
  return settingsOf(form, { set }) as ValuesOf<F>;
}

/**
 * What is set once a person has set a field, or emptied it (undefined). What would hold anyway is not kept, so that a
 * better default reaches everybody. Emptying a text that somebody else suggests is a text, too: the empty one.
 */
export function withSetting(form: Form, layers: Layers, key: string, value: Value | undefined): Values {
  const field = form.find((one) => one.key === key);
  const { [key]: _, ...others } = layers.set ?? {};
  if (!field) return others;
  const below = holding(field, { ...layers, set: others });
  const wanted = value ?? (field.kind === 'text' ? '' : undefined);
  const isEmpty = wanted === undefined || (wanted === '' && below === undefined);
  if (isEmpty || wanted === below?.value || !fits(field, wanted)) return others;
  return { ...others, [key]: wanted };
}

/** Several at once. */
export function withSettings(form: Form, layers: Layers, changes: Readonly<Record<string, Value | undefined>>): Values {
  return Object.entries(changes).reduce<Values>(
    (set, [key, value]) => withSetting(form, { ...layers, set }, key, value),
    layers.set ?? {},
  );
}

/** What is agreed to: the field's own value and those that the question is about as well. */
export const agreementOn = ({ key, asks }: Field, values: Values): string =>
  [key, ...(asks?.of ?? [])].map((each) => String(values[each] ?? '')).join(' ');

/** Whether a person was asked about what these values say of a field, and agreed; true where there is no question. */
export function isAgreed(form: Form, values: Values, key: string): boolean {
  const field = form.find((one) => one.key === key);
  if (!field?.asks || (values[key] ?? field.default) === field.asks.unless) return true;
  return values[field.asks.agreed] === agreementOn(field, values);
}

/** What somebody else's file may set. */
export const withoutAgreements = (form: Form, values: Values): Values =>
  Object.fromEntries(
    Object.entries(values).filter(([key]) => form.find((field) => field.key === key)?.isAgreement !== true),
  );

/** What of something stored, of any shape, is a setting; also where an earlier version kept it elsewhere. */
export function fittingValues(form: Form, stored: unknown): Values {
  return Object.fromEntries(
    form.flatMap((field): [string, Value][] => {
      const found = [field.key, field.formerly]
        .map((path) => path && at(stored, path))
        .find((each) => fits(field, each));
      return fits(field, found) ? [[field.key, found]] : [];
    }),
  );
}

/** The keys of what is stored that came to nothing: of another form, or with a value that does not fit. */
export function unusedKeys(form: Form, stored: Values): readonly string[] {
  const used = new Set(Object.keys(fittingValues(form, stored)));
  const usedBy = (key: string) => (field: Field) =>
    used.has(field.key) && (field.key === key || field.formerly?.split('.')[0] === key);
  return Object.keys(stored).filter((key) => !form.some(usedBy(key)));
}

function at(stored: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => {
    const isRecord = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
    return isRecord ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
  }, stored);
}
