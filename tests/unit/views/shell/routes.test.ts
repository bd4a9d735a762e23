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
    ['#/tools/decoder', { place: 'tools', tool: 'decoder' }],
    ['#/tools/decoder/aB-_9', { place: 'tools', tool: 'decoder', frame: 'aB-_9' }],
    ['#/settings', { place: 'settings' }],
    ['#/log/abc', { place: 'not found', hash: '#/log/abc' }],
    ['#/read/me', { place: 'not found', hash: '#/read/me' }],
    ['#/tools/laser', { place: 'not found', hash: '#/tools/laser' }],
    ['#/meters', { place: 'meters' }],
    ['#/meters/new', { place: 'meters', id: 'new' }],
    ['#/meters/12', { place: 'meters', id: '12' }],
    ['#/meters/12/history', { place: 'meters', id: '12', part: 'history' }],
    ['#/meters/12/secrets', { place: 'not found', hash: '#/meters/12/secrets' }],
    ['#/meters/new/history', { place: 'not found', hash: '#/meters/new/history' }],
    ['#/meters/cellar', { place: 'not found', hash: '#/meters/cellar' }],
  ])('%s', (hash, route) => {
    expect(parseRoute(hash)).toEqual(route);
  });

  test('an empty address leads home', () => {
    expect(parseRoute('', 'meters')).toEqual({ place: 'meters' });
    expect(parseRoute('#/read', 'meters')).toEqual({ place: 'read' });
  });

  test.each(['#/meters', '#/meters/new', '#/meters/7', '#/meters/7/settings'])(
    '%s is written as it was read',
    (hash) => {
      expect(hashOf(parseRoute(hash))).toBe(hash);
    },
  );

  test('every filter text survives the address bar', () => {
    fc.assert(
      fc.property(fc.string(), fc.option(fc.nat(1e9), { nil: undefined }), (filter, seq) => {
        const route: Route = { place: 'log', filter, ...(seq === undefined ? {} : { seq }) };
        expect(parseRoute(hashOf(route))).toEqual(route);
      }),
    );
  });
});
