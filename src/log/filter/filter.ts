/**
 * The filter language of the SmartCOM (its manual, 3.8, "Filtering of AMS Records"): up to ten conditions
 * `<parameter><relation><value>` separated by `;`, all of which a record must meet.
 *
 * Where the manual is silent:
 * - a record that does not have the parameter (SYSTART has no error code) meets no condition on it, not even `!=`;
 * - what was heard is a good reading: its error code is 0;
 * - RECORD_TYPE, PROTOCOL and IDENT are names and know only `==` and `!=`;
 * - an empty filter matches everything (the test command offers a filter of length 0).
 */
import type { RecordType } from '../record.ts';

export interface Filter {
  readonly conditions: readonly Condition[];
}

export type Condition = NumberCondition | TypeCondition | TextCondition;

export interface NumberCondition {
  readonly parameter: NumberParameter;
  readonly relation: Relation;
  readonly value: number;
  /** A time as it was written in ISO form, to be written the same way again. */
  readonly iso?: string;
}

export interface TypeCondition {
  readonly parameter: 'RECORD_TYPE';
  readonly relation: Equality;
  readonly value: RecordType;
}

export interface TextCondition {
  readonly parameter: 'PROTOCOL' | 'IDENT';
  readonly relation: Equality;
  /** PROTOCOL: case does not matter. IDENT: case matters, `*` stands for any characters unless `literal`. */
  readonly value: string;
  readonly literal: boolean;
}

export type Equality = '==' | '!=';
export type Relation = Equality | '>' | '>=' | '<' | '<=';
export type NumberParameter = 'TIME' | 'TABLE_ID' | 'ERROR_CODE' | 'METER' | 'SEQ';
export type Parameter = Condition['parameter'];

export const RELATIONS: readonly Relation[] = ['==', '!=', '>', '>=', '<', '<='];
export const RECORD_TYPES: readonly RecordType[] = ['AMS', 'WMBUS', 'SYSTART'];

export const MAX_CONDITIONS = 10;
/** `AT^SCDATA=?` answers `"GET_FILTERED","0-150"`. */
export const MAX_STRICT_LENGTH = 150;

export interface ParameterEntry {
  readonly name: Parameter;
  readonly kind: 'type' | 'number' | 'time' | 'text';
  /** Not known to the SmartCOM; refused in strict mode. */
  readonly extension: boolean;
  readonly text: string;
}

export const PARAMETERS: readonly ParameterEntry[] = [
  { name: 'RECORD_TYPE', kind: 'type', extension: false, text: 'kind of record: AMS, WMBUS or SYSTART' },
  { name: 'TIME', kind: 'time', extension: false, text: 'time of the record, Unix seconds or 2026-11-20T10:00' },
  { name: 'TABLE_ID', kind: 'number', extension: false, text: 'place of the meter in the list, 0 for none' },
  { name: 'ERROR_CODE', kind: 'number', extension: false, text: 'result of the reading, 0 for success' },
  { name: 'PROTOCOL', kind: 'text', extension: true, text: 'protocol the meter was read or heard with' },
  { name: 'IDENT', kind: 'text', extension: true, text: 'identification of the meter, * for any characters' },
  { name: 'METER', kind: 'number', extension: true, text: 'number of the meter, the same wherever it is in the list' },
  { name: 'SEQ', kind: 'number', extension: true, text: 'sequence number of the record' },
];

/** A mistake in a filter text: where it is (in characters) and what is wrong, in words. */
export interface Mistake {
  readonly position: number;
  readonly length: number;
  readonly message: string;
}
