import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANSWER_MS, createDesk, FAREWELL_MS, type Seat, type Turn } from '../../../src/engine/desk.ts';
import { PortError } from '../../../src/line/port.ts';
import { virtualClock } from '../../../src/simulator/virtual-clock.ts';

const PORT = 'serial:1';

function world() {
  const time = virtualClock();
  const told: string[] = [];
  let port: object | undefined = {};
  const desk = createDesk({ clock: time, portOf: () => port, onChange: () => undefined });
  const note = (text: string) => told.push(`${time.monotonic()} ${text}`);
  return {
    time,
    desk,
    told,
    note,
    /** Plugs the port in anew, or out. */
    replug(present: boolean) {
      port = present ? {} : undefined;
      desk.portsChanged();
    },
    turn: (text: string, more: Partial<Turn> = {}): Turn => ({
      rank: 'person',
      text,
      signal: new AbortController().signal,
      ...more,
    }),
    /** A job that takes so long, and heeds its signal. */
    job: (text: string, ms: number) => async (seat: Seat) => {
      note(`${text} begins`);
      await time.sleep(ms, seat.signal);
      note(`${text} ends`);
      return text;
    },
  };
}

const reasonOf = async (promise: Promise<unknown>) =>
  await promise.then(
    () => 'no reason',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );

describe('turns', () => {
  it('one at a time on a wire, people before the schedule, each in the order of asking; other wires do not wait', async () => {
    const { time, desk, told, turn, job } = world();
    const all = [
      desk.use(PORT, turn('first', { rank: 'schedule' }), job('first', 100)),
      desk.use(PORT, turn('scheduled', { rank: 'schedule' }), job('scheduled', 10)),
      desk.use(PORT, turn('person'), job('person', 10)),
      desk.use(PORT, turn('next person'), job('next person', 10)),
      desk.use('serial:2', turn('elsewhere'), job('elsewhere', 10)),
    ];
    expect(await time.run(Promise.all(all))).toEqual(['first', 'scheduled', 'person', 'next person', 'elsewhere']);
    expect(told.filter((line) => line.endsWith('begins'))).toEqual([
      '0 first begins',
      '0 elsewhere begins',
      '100 person begins',
      '110 next person begins',
      '120 scheduled begins',
    ]);
  });

  it('says what is waited for, in the words of now', async () => {
    const { time, desk, turn } = world();
    const heard: (string | undefined)[] = [];
    const search = desk.use(PORT, turn('searching'), async ({ say }) => {
      await time.sleep(10);
      say('searching at 2400 Bd');
      await time.sleep(10);
    });
    const read = desk.use(PORT, turn('reading', { onWait: (text) => heard.push(text) }), () => Promise.resolve());
    await time.run(Promise.all([search, read]));
    expect(heard.filter((text, i) => text !== heard[i - 1])).toEqual(['searching', 'searching at 2400 Bd', undefined]);
  });

  it('a failed job frees the wire', async () => {
    const { time, desk, turn, job } = world();
    const failed = reasonOf(desk.use(PORT, turn('bad'), () => Promise.reject(new Error('broken'))));
    const thrown = reasonOf(
      desk.use(PORT, turn('worse'), () => {
        throw new Error('thrown');
      }),
    );
    expect(await time.run(Promise.all([failed, thrown, desk.use(PORT, turn('good'), job('good', 1))]))).toEqual([
      'broken',
      'thrown',
      'good',
    ]);
    expect(desk.state(PORT)).toBeUndefined();
  });

  it('idle waits for all who run or wait', async () => {
    const { time, desk, turn, job, told, note } = world();
    await time.run(desk.idle());
    void desk.use(PORT, turn('a'), job('a', 10));
    void desk.use(PORT, turn('b'), job('b', 10));
    await time.run(desk.idle().then(() => note('idle')));
    expect(told.at(-1)).toBe('20 idle');
  });
});

describe('stop', () => {
  it('before the first step of a job whose turn has just come means that it never begins', async () => {
    const { time, desk, turn, job, told } = world();
    const stop = new AbortController();
    const read = reasonOf(desk.use(PORT, turn('read', { signal: stop.signal }), job('read', 1)));
    stop.abort(new Error('stopped'));
    expect([await time.run(read), told, desk.state(PORT)]).toEqual(['stopped', [], undefined]);
  });

  it('answers at once whoever only waits, and the others move up', async () => {
    const { time, desk, turn, job, told, note } = world();
    const stop = new AbortController();
    const running = desk.use(PORT, turn('search'), job('search', 35_000));
    const waiting = reasonOf(desk.use(PORT, turn('read', { signal: stop.signal }), job('read', 10)));
    const later = desk.use(PORT, turn('later'), job('later', 10));
    const run = async () => {
      await time.sleep(5);
      expect(desk.state(PORT)).toEqual({ text: 'search', kind: 'busy', waiting: 2 });
      stop.abort(new Error('stopped'));
      note(await waiting);
      await running;
      await later;
    };
    await time.run(run());
    expect(told).toEqual([
      '0 search begins',
      '5 stopped',
      '35000 search ends',
      '35000 later begins',
      '35010 later ends',
    ]);
  });

  it('a job that heeds its signal ends as it likes', async () => {
    const { time, desk, turn } = world();
    const stop = new AbortController();
    const read = desk.use(PORT, turn('read', { signal: stop.signal }), async ({ signal }) => {
      await time.sleep(60_000, signal).catch(() => undefined);
      await time.sleep(300); // signs off
      return 'what came';
    });
    await time.run(time.sleep(100));
    stop.abort();
    expect(await time.run(read)).toBe('what came');
    expect(time.monotonic()).toBe(400);
  });

  it('answers in time although the driver hangs; the wire is held until the job has signed off', async () => {
    const { time, desk, turn, job, told, note } = world();
    const stop = new AbortController();
    const hanging = reasonOf(desk.use(PORT, turn('read', { signal: stop.signal }), () => time.sleep(3000)));
    const next = desk.use(PORT, turn('next'), job('next', 1));
    const run = async () => {
      await time.sleep(100);
      stop.abort(new Error('stopped'));
      note(await hanging);
      expect(desk.state(PORT)).toEqual({ text: 'read', kind: 'signing off', waiting: 1 });
      await next;
    };
    await time.run(run());
    expect(told).toEqual([`${100 + ANSWER_MS} stopped`, '3000 next begins', '3001 next ends']);
  });

  it('a close that never ends makes the port stuck, in words, until it is plugged in anew', async () => {
    const { time, desk, turn, job, replug } = world();
    const stop = new AbortController();
    const hanging = reasonOf(desk.use(PORT, turn('read', { signal: stop.signal }), () => time.sleep(3_600_000)));
    const next = reasonOf(desk.use(PORT, turn('next'), job('next', 1)));
    await time.run(time.sleep(100));
    stop.abort(new Error('stopped'));
    expect(await time.run(hanging)).toBe('stopped');
    expect(await time.run(next)).toContain('does not let go');
    expect(time.monotonic()).toBe(100 + FAREWELL_MS);
    expect(desk.state(PORT)?.kind).toBe('stuck');
    await expect(desk.use(PORT, turn('again'), job('again', 1))).rejects.toBeInstanceOf(PortError);
    desk.portsChanged(); // the same port object
    expect(desk.state(PORT)?.kind).toBe('stuck');

    replug(true);
    const read = desk.use(PORT, turn('again'), job('again', 1));
    expect(await time.run(read)).toBe('again');
    // The job of the old port object ends at last, and frees nothing that it no longer holds.
    const long = desk.use(PORT, turn('long'), job('long', 7_200_000));
    await time.run(time.sleep(3_600_000));
    expect(desk.state(PORT)).toEqual({ text: 'long', kind: 'busy', waiting: 0 });
    await time.run(long);
  });
});

describe('rest', () => {
  it('lends the wire to all who wait, schedule included, and goes on', async () => {
    const { time, desk, turn, job, told, note } = world();
    const search = desk.use(PORT, turn('search'), async ({ rest, isWanted }) => {
      expect(isWanted()).toBe(false);
      expect(await rest()).toBe(false);
      note('half');
      await time.sleep(50);
      expect(isWanted()).toBe(true);
      expect(await rest()).toBe(true);
      note('goes on');
      await time.sleep(50);
    });
    const visit = async () => {
      await time.sleep(10);
      const scheduled = desk.use(PORT, turn('scheduled', { rank: 'schedule' }), job('scheduled', 10));
      await Promise.all([scheduled, desk.use(PORT, turn('person'), job('person', 10))]);
    };
    await time.run(Promise.all([search, visit()]));
    expect(told).toEqual([
      '0 half',
      '50 person begins',
      '60 person ends',
      '60 scheduled begins',
      '70 scheduled ends',
      '70 goes on',
    ]);
  });

  it('a lender that was stopped meanwhile is answered in time and ends when the wire comes back', async () => {
    const { time, desk, turn, job, note, told } = world();
    const stop = new AbortController();
    const search = reasonOf(
      desk.use(PORT, turn('search', { signal: stop.signal }), async ({ rest }) => {
        await time.sleep(1);
        await rest().finally(() => note('back'));
      }),
    );
    const guest = desk.use(PORT, turn('read'), job('read', 5000));
    const run = async () => {
      await time.sleep(100);
      stop.abort(new Error('stopped'));
      note(await search);
      expect(desk.state(PORT)).toMatchObject({ text: 'read', kind: 'busy' });
      await guest;
      await desk.idle();
    };
    await time.run(run());
    expect(told).toEqual(['1 read begins', `${100 + ANSWER_MS} stopped`, '5001 read ends', '5001 back']);
  });
});

describe('a listener', () => {
  /** Hears until told otherwise. */
  const hears =
    ({ note, time }: ReturnType<typeof world>) =>
    async ({ signal }: Seat) => {
      note('hears');
      await time.sleep(3_600_000, signal).finally(() => note('steps back'));
    };

  it('steps back for a guest, comes back by itself, and ends when it is stopped', async () => {
    const here = world();
    const { time, desk, turn, job, told } = here;
    const stop = new AbortController();
    const listening = desk.listen(PORT, 'listening', stop.signal, hears(here));
    const run = async () => {
      await time.sleep(10);
      expect(desk.state(PORT)).toEqual({ text: 'listening', kind: 'listening', waiting: 0 });
      await desk.use(PORT, turn('read', { rank: 'schedule' }), job('read', 10));
      await time.sleep(10);
      await desk.idle(); // a listener is no work
      stop.abort();
      await listening;
    };
    await time.run(run());
    expect(told).toEqual(['0 hears', '10 steps back', '10 read begins', '20 read ends', '20 hears', '30 steps back']);
    expect(desk.state(PORT)).toBeUndefined();
  });

  it('there is one a wire, and another is refused in words', async () => {
    const here = world();
    const stop = new AbortController();
    void here.desk.listen(PORT, 'hearing the push', stop.signal, hears(here));
    await expect(here.desk.listen(PORT, 'other', stop.signal, hears(here))).rejects.toThrow(
      'On this port goes on already: hearing the push.',
    );
  });

  it('outlives a lost port: it hears again when that is back', async () => {
    const here = world();
    const { time, desk, told, replug, note } = here;
    const stop = new AbortController();
    let times = 0;
    const listening = desk.listen(PORT, 'listening', stop.signal, async (seat) => {
      if (times++ > 0) return hears(here)(seat);
      note('hears');
      await time.sleep(10);
      throw new PortError('lost', 'gone');
    });
    const run = async () => {
      await time.sleep(50);
      expect(desk.state(PORT)).toBeUndefined();
      replug(false);
      await time.sleep(50);
      replug(true);
      await time.sleep(50);
      stop.abort();
      await listening;
    };
    await time.run(run());
    expect(told).toEqual(['0 hears', '100 hears', '150 steps back']);
  });

  it('fails with what its job failed of, and frees the wire', async () => {
    const { time, desk, turn, job } = world();
    const listening = desk.listen(PORT, 'listening', new AbortController().signal, () =>
      Promise.reject(new Error('no such mode')),
    );
    expect(await time.run(reasonOf(listening))).toBe('no such mode');
    expect(await time.run(desk.use(PORT, turn('read'), job('read', 1)))).toBe('read');
  });

  it('may be stopped while a guest has the wire', async () => {
    const here = world();
    const { time, desk, turn, job, told } = here;
    const stop = new AbortController();
    const read = desk.use(PORT, turn('read'), job('read', 100));
    const listening = desk.listen(PORT, 'listening', stop.signal, hears(here));
    const run = async () => {
      await time.sleep(10);
      stop.abort();
      await listening;
      await read;
    };
    await time.run(run());
    expect(told).toEqual(['0 read begins', '100 read ends']);
  });
});

it('whatever comes, never two on a wire, everybody is answered, and in the end it is free', async () => {
  const visitor = fc.record({
    at: fc.nat(200),
    takes: fc.nat(100),
    stopAfter: fc.option(fc.nat(200), { nil: undefined }),
    rank: fc.constantFrom('person' as const, 'schedule' as const),
    rests: fc.boolean(),
    heeds: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(visitor, { maxLength: 8 }), fc.boolean(), async (visitors, withListener) => {
      const { time, desk } = world();
      let onWire = 0;
      let most = 0;
      const talk = async (ms: number, signal?: AbortSignal) => {
        most = Math.max(most, ++onWire);
        await time.sleep(ms, signal).finally(() => onWire--);
      };
      const end = new AbortController();
      const listening = withListener
        ? desk.listen(PORT, 'listening', end.signal, ({ signal }) => talk(10_000, signal))
        : Promise.resolve();
      const visits = visitors.map(async ({ at, takes, stopAfter, rank, rests, heeds }) => {
        await time.sleep(at);
        const stop = new AbortController();
        if (stopAfter !== undefined) {
          void time.sleep(stopAfter).then(() => stop.abort(new Error('stopped')));
        }
        const turn = { rank, text: 'visit', signal: stop.signal };
        const visit = desk.use(PORT, turn, async (seat) => {
          await talk(takes, heeds ? seat.signal : undefined);
          if (rests) await seat.rest();
          await talk(takes, heeds ? seat.signal : undefined);
        });
        return await reasonOf(visit);
      });
      const run = async () => {
        const answers = await Promise.all(visits);
        await desk.idle();
        end.abort();
        await listening;
        return answers;
      };
      const answers = await time.run(run());
      expect(answers.every((answer) => ['no reason', 'stopped'].includes(answer))).toBe(true);
      expect([most <= 1, onWire]).toEqual([true, 0]);
      expect(desk.state(PORT)).toBeUndefined();
    }),
    { numRuns: 300 },
  );
});
