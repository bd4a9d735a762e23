import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hashOf, parseRoute } from '../../../../src/views/shell/routes.ts';
import type { Route } from '../../../../src/views/shell/routes.ts';

describe('routes', () => {
  test.each<[string, Route]>([
    ['', { place: 'read' }],
    ['#/read', { place: 'read' }],
    ['#/log', { place: 'log', filter: '' }],
    ['#/log/481', { place: 'log', seq: 481, filter: '' }],
    ['#/log?filter=ERROR_CODE%21%3D0', { place: 'log', filter: 'ERROR_CODE!=0' }],
    ['#/tools', { place: 'tools' }],
    ['#/tools/head-check', { place: 'tools', tool: 'head-check' }],
    ['#/settings', { place: 'settings' }],
    ['#/log/abc', { place: 'not found', hash: '#/log/abc' }],
    ['#/read/me', { place: 'not found', hash: '#/read/me' }],
    ['#/tools/laser', { place: 'not found', hash: '#/tools/laser' }],
    ['#/meters', { place: 'not found', hash: '#/meters' }],
  ])('%s', (hash, route) => {
    expect(parseRoute(hash)).toEqual(route);
  });

  test('every filter text survives the address bar', () => {
    fc.assert(
      fc.property(fc.string(), fc.option(fc.nat(1e9), { nil: undefined }), (filter, seq) => {
        const route: Route = { place: 'log', filter, ...(seq === undefined ? {} : { seq }) };
        expect(parseRoute(hashOf(route))).toEqual(route);
      }),
    );
  });
});
