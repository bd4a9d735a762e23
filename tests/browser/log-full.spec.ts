import { expect, test } from '@playwright/test';
import { startLogHarness } from './log/harness.js';
import { canMount } from './support/small-disk.js';

// No trace can be had from a browser that is killed.
test.use({ trace: 'off' });

/** A disk that fills up under the log, for real. */
for (const free of [0, 2, 5, 9]) {
  test(`starting with ${free} MiB of room on the disk costs no record and no setting`, async () => {
    test.skip(!canMount, 'mounting a small file system needs root');
    const harness = await startLogHarness({ diskMiB: 160 });
    try {
      const first = await harness.startBrowser();
      await first.page.evaluate(() => logHarness.appendCopied(200, 'kept'));
      await first.page.evaluate(() => logHarness.putCopied('list', 'kept'));
      await first.kill();

      let written = 0;
      for (let round = 0; round < 2; round++) {
        await harness.leaveFree(free);
        const cramped = await harness.startBrowser().catch(() => undefined);
        // Without room Chromium itself may not start, and with hardly any it may not open the database.
        if (!cramped) continue;
        const { health } = await cramped.page.evaluate(() => logHarness.openCopied());
        const seqs = await cramped.page.evaluate(() => logHarness.appendCopied(5, 'cramped').catch(() => undefined));
        written += seqs?.length ?? 0;
        console.log(
          `${free} MiB free: ${seqs ? 'recording' : `not recording, ${health.notRecording?.fault ?? 'refused'}`}`,
        );
        await cramped.kill();
      }

      await harness.leaveFree(undefined);
      const last = await harness.startBrowser();
      await last.page.evaluate(() => logHarness.openCopied());
      const { rows } = await last.page.evaluate(() => logHarness.inspect());
      expect(rows.filter(([, data]) => data === 'kept')).toHaveLength(200);
      expect(rows.length).toBeGreaterThanOrEqual(200 + written);
      expect(await last.page.evaluate(() => logHarness.setting('list'))).toBe('kept');
    } finally {
      await harness.close();
    }
  });
}
