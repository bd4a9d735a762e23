import { typedSettings, type Values } from '../../common/form.ts';
import { dlmsForm } from './form.ts';

/** The values of `dlmsForm`, typed. */
export interface DlmsSettings {
  readonly read: 'objects' | 'profile' | 'entries';
  /** `1-0:99.1.0` */
  readonly profile: string;
  /** How far back the profile is read: days, or rows. */
  readonly days: number;
  readonly entries: number;
  /** 'mode E': as IEC 62056-21 says, through an optical head; 'push': nothing is asked. */
  readonly opening: 'direct' | 'mode E' | 'push';
  readonly framing: '8N1' | '8E1';
  /** As whom the meter is asked. */
  readonly client: number;
  /** What the meter is to know us by; 'password': where one is kept. */
  readonly security: 'none' | 'password' | 'HLS 2' | 'HLS 3' | 'HLS 4' | 'HLS 5' | 'HLS 6';
  /** Of every message, with HLS. */
  readonly protection: 'none' | 'authenticated' | 'encrypted' | 'both';
  readonly suite: 0 | 1 | 2;
  /** With a key for this association alone. */
  readonly dedicated: boolean;
  /** Our system title, in hexadecimal or characters; empty: one by chance. */
  readonly ownTitle: string;
  /** So far a person lets the number of our messages jump. */
  readonly counterUpTo: number;
  /** How the meter's objects are named on the wire. */
  readonly names: 'logical' | 'short';
  readonly timeoutMs: number;
  /** How long the next push is waited for. */
  readonly listenMs: number;
  /** How often what is not answered is sent again. */
  readonly retries: number;
}

export const dlmsSettings = (values: Values): DlmsSettings => typedSettings(dlmsForm, values);
