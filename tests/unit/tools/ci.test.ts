import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { root } from '../../tools/setup.js';

/** The script as bash would run it, with `timeout` in the place of everything it starts: it says what it was given. */
const started = () =>
  execFileSync('bash', ['-c', 'exec() { printf "%s\\n" "$*"; }; . .ci/run'], { cwd: root, encoding: 'utf8' }).trim();

// An empty script ends well too and checks nothing: it has happened.
test('CI runs the whole check, with a limit that only ends a hang', () => {
  expect(started()).toBe('timeout 70m npm --silent test');
});
