import { typedSettings, type Values, type ValuesOf } from '../../common/form.ts';
import { lotosForm } from './form.ts';

/** The values of `lotosForm`, typed. */
export type LotosSettings = ValuesOf<typeof lotosForm>;

export function lotosSettings(values: Values): LotosSettings {
  const settings = typedSettings(lotosForm, values);
  // An emptied pattern is as if nobody had set it.
  return settings.pattern === '' ? { ...settings, pattern: typedSettings(lotosForm, {}).pattern } : settings;
}
