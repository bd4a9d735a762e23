import { typedSettings, type Values } from '../../common/form.ts';
import { dlmsForm } from './form.ts';

/** The values of `dlmsForm`, typed. */
export interface DlmsSettings {
  /** 'mode E': as IEC 62056-21 says, through an optical head. */
  readonly opening: 'direct' | 'mode E';
  readonly framing: '8N1' | '8E1';
  /** As whom the meter is asked. */
  readonly client: number;
  readonly timeoutMs: number;
  /** How often what is not answered is sent again. */
  readonly retries: number;
}

export const dlmsSettings = (values: Values): DlmsSettings => typedSettings(dlmsForm, values);
