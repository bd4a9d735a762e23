import fc from 'fast-check';
import type { Condition, Filter } from '../../../../src/log/filter/filter.ts';
import { RECORD_TYPES, RELATIONS } from '../../../../src/log/filter/filter.ts';

const relation = fc.constantFrom(...RELATIONS);
const equality = fc.constantFrom('==' as const, '!=' as const);

const anyCondition: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({
    parameter: fc.constant('RECORD_TYPE' as const),
    relation: equality,
    value: fc.constantFrom(...RECORD_TYPES),
  }),
  fc.record({
    parameter: fc.constantFrom('TIME' as const, 'TABLE_ID' as const, 'ERROR_CODE' as const, 'METER' as const),
    relation,
    value: fc.oneof(fc.nat(20), fc.constantFrom(65541, 0xffff, 0xffff_ffff, 2 ** 40)),
  }),
  fc.record({ parameter: fc.constant('SEQ' as const), relation, value: fc.nat(13_000) }),
  fc.record({
    parameter: fc.constant('PROTOCOL' as const),
    relation: equality,
    value: fc.constantFrom('MBUS', 'mbus', 'Iec62056-21', 'other'),
    literal: fc.boolean(),
  }),
  fc.record({
    parameter: fc.constant('IDENT' as const),
    relation: equality,
    value: fc.oneof(fc.constantFrom('OHU5*', '*_001', 'O*v10*2', 'sta*r', 'a;b'), fc.string({ maxLength: 4 })),
    literal: fc.constant(true),
  }),
  fc.record({
    parameter: fc.constant('IDENT' as const),
    relation: equality,
    value: fc.constantFrom('OHU5*', '*_001', 'O*v10*2', '*', 'sta*r', 'OHU5.v10_001'),
    literal: fc.constant(false),
  }),
);

export const anyFilter: fc.Arbitrary<Filter> = fc.record({ conditions: fc.array(anyCondition, { maxLength: 10 }) });
