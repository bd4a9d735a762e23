import { defineConfig } from 'vitest/config';

/** The unit tests that matter to the room whose mutants are tried, and nothing that a build needs. */
export default defineConfig({
  test: {
    environment: 'node',
    isolate: false, // half the time; tests leave nothing behind
    include: (process.env['MUTANTS_TESTS'] ?? '').split(','),
    // A promise that a mutant leaves unsettled; a whole new process is needed where only Stryker's own limit ends it.
    testTimeout: 5000,
    hookTimeout: 5000,
  },
});
