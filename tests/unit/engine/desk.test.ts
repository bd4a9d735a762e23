import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDesk } from '../../../src/engine/desk.ts';
import { ANSWER_MS, FAREWELL_MS, type Seat, type Turn } from '../../../src/engine/seat.ts';
import { PortError } from '../../../src/line/port.ts';
import { virtualClock } from '../../../src/simulator/virtual-clock.ts';

const PORT = 'serial:1';

function world() {
  const time = virtualClock();
  const told: string[] = [];
  let port: object | undefined = {};
  const desk = createDesk({ clock: time, portOf: () => port, onChange: () => undefined });
  const note = (text: string) => void told.push(`${time.monotonic()} ${text}`);
  return {
    time,
    desk,
    told,
    note,
    /** Once no job has the wire or waits for it; a listener does not count. */
    async idle() {
      while (![undefined, 'listening'].includes(desk.state(PORT)?.kind)) await time.sleep(1);
    },
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

  it('says what is waited for, once, while the job may say more of itself', async () => {
    const { time, desk, turn } = world();
    const heard: (string | undefined)[] = [];
    const search = desk.use(PORT, turn('searching'), async ({ say }) => {
      await time.sleep(10);
      say('asking 4FFFFFFF');
      expect(desk.state(PORT)).toMatchObject({ doing: 'searching', text: 'asking 4FFFFFFF' });
      await time.sleep(10);
    });
    const read = desk.use(PORT, turn('reading', { onWait: (text) => heard.push(text) }), () => Promise.resolve());
    await time.run(Promise.all([search, read]));
    expect(heard).toEqual(['searching', undefined]);
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

  it('a wire without a line has a desk as well: A/D inputs', async () => {
    const { time, turn, job, note } = world();
    const desk = createDesk({ clock: time, portOf: () => undefined, onChange: () => undefined });
    const reads = [desk.use('inputs', turn('a'), job('a', 10)), desk.use('inputs', turn('b'), job('b', 10))];
    desk.portsChanged();
    expect(await time.run(Promise.all(reads))).toEqual(['a', 'b']);
    note('done');
    expect(desk.state('inputs')).toBeUndefined();
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
      expect(desk.state(PORT)).toEqual({ doing: 'search', text: 'search', kind: 'busy', waiting: 2 });
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
      expect(desk.state(PORT)).toMatchObject({ doing: 'signing off', kind: 'signing off', waiting: 1 });
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
    expect(desk.state(PORT)).toMatchObject({ text: 'long', kind: 'busy', waiting: 0 });
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

  it('a lender that was stopped meanwhile is answered at once, and touches the wire no more', async () => {
    const { time, desk, turn, job, note, told, idle } = world();
    const stop = new AbortController();
    const search = reasonOf(
      desk.use(PORT, turn('search', { signal: stop.signal }), async ({ rest }) => {
        await time.sleep(1);
        await rest().finally(() => note('refused'));
      }),
    );
    const guest = desk.use(PORT, turn('read'), job('read', 5000));
    const run = async () => {
      await time.sleep(100);
      stop.abort(new Error('stopped'));
      note(await search);
      expect(desk.state(PORT)).toMatchObject({ text: 'read', kind: 'busy' });
      await guest;
      await idle();
    };
    await time.run(run());
    expect(told).toEqual(['1 read begins', '100 refused', '100 stopped', '5001 read ends']);
  });

  it('gets the wire back before what the schedule wants meanwhile, however much that is', async () => {
    const { time, desk, turn, job, told, note } = world();
    const scheduled = (n: number): Promise<unknown> =>
      desk.use(PORT, turn('scheduled', { rank: 'schedule' }), async (seat) => {
        if (n < 3) void scheduled(n + 1);
        return await job(`scheduled ${n}`, 10)(seat);
      });
    const search = desk.use(PORT, turn('search'), async ({ rest }) => {
      void scheduled(1);
      for (let question = 1; question <= 3; question++) {
        await time.sleep(5);
        await rest();
        note(`question ${question}`);
      }
    });
    await time.run(search);
    const order = told.filter((line) => !line.endsWith('ends')).map((line) => line.replace(/^\d+ | begins$/g, ''));
    expect(order).toEqual(['scheduled 1', 'question 1', 'scheduled 2', 'question 2', 'scheduled 3', 'question 3']);
  });

  it('waits for what is being closed, and lends nothing that is still open', async () => {
    const { time, desk, turn, job, told, note } = world();
    const search = reasonOf(
      desk.use(PORT, turn('search'), async ({ rest, close }) => {
        await time.sleep(1);
        await close(() => time.sleep(3000).then(() => note('closed')));
        await rest();
        await time.sleep(1);
        await close(() => time.sleep(3_600_000));
        await rest();
      }),
    );
    const read = desk.use(PORT, turn('read'), job('read', 10));
    await time.run(read);
    expect(told).toEqual(['3001 closed', '3001 read begins', '3011 read ends']);
    const next = reasonOf(desk.use(PORT, turn('next'), job('next', 10)));
    expect(await time.run(search)).toContain('does not let go');
    expect(await time.run(next)).toContain('does not let go');
  });
});

describe('closing', () => {
  it('that takes long does not keep the result, and keeps the wire', async () => {
    const { time, desk, turn, job, told, note } = world();
    const first = desk.use(PORT, turn('first'), async ({ close }) => {
      await close(() => time.sleep(5000).then(() => note('closed')));
      return 'result';
    });
    const next = desk.use(PORT, turn('next'), job('next', 1));
    note(await time.run(first));
    expect(desk.state(PORT)).toMatchObject({ kind: 'signing off', waiting: 1 });
    await time.run(next);
    expect(told).toEqual([`${ANSWER_MS} result`, '5000 closed', '5000 next begins', '5001 next ends']);
  });

  it('that fails is the job’s failure, and frees the wire', async () => {
    const { time, desk, turn, job } = world();
    const first = reasonOf(
      desk.use(PORT, turn('first'), ({ close }) => close(() => Promise.reject(new Error('no such file')))),
    );
    expect(await time.run(first)).toBe('no such file');
    expect(await time.run(desk.use(PORT, turn('next'), job('next', 1)))).toBe('next');
  });

  it('that never ends makes the port stuck although nobody was stopped', async () => {
    const { time, desk, turn, job, replug } = world();
    const first = desk.use(PORT, turn('first'), ({ close }) => close(() => new Promise(() => undefined)));
    await time.run(first);
    const next = reasonOf(desk.use(PORT, turn('next'), job('next', 1)));
    expect(await time.run(next)).toContain('does not let go');
    expect(desk.state(PORT)?.kind).toBe('stuck');
    replug(true);
    expect(await time.run(desk.use(PORT, turn('next'), job('next', 1)))).toBe('next');
  });
});

describe('a wire that is held for good', () => {
  it('is refused to others at once, to those who waited too, and is free when that is stopped', async () => {
    const { time, desk, turn, job, told } = world();
    const stop = new AbortController();
    const read = desk.use(PORT, turn('reading'), job('read', 100));
    const hears = async ({ signal }: Seat) => await time.sleep(3_600_000, signal).catch(() => undefined);
    const holding = desk.use(PORT, turn('answering AT commands', { holds: true, signal: stop.signal }), hears);
    const behind = reasonOf(desk.use(PORT, turn('scheduled', { rank: 'schedule' }), job('scheduled', 1)));
    await time.run(read);
    expect(await behind).toBe('This port is answering AT commands.');
    expect(desk.state(PORT)).toMatchObject({ kind: 'held', waiting: 0 });
    expect(await reasonOf(desk.use(PORT, turn('reading'), job('late', 1)))).toBe('This port is answering AT commands.');
    stop.abort();
    const after = desk.use(PORT, turn('reading'), job('after', 1));
    await time.run(Promise.all([holding, after]));
    expect(told).toEqual(['0 read begins', '100 read ends', '100 after begins', '101 after ends']);
  });
});

describe('a port that goes', () => {
  it('ends the running job with what it says of it, and who waits is served by the one that comes', async () => {
    const { time, desk, turn, job, replug } = world();
    const lost = reasonOf(
      desk.use(PORT, turn('first'), async () => {
        await time.sleep(10);
        throw new PortError('lost', 'gone');
      }),
    );
    const next = desk.use(PORT, turn('next'), job('next', 1));
    replug(false);
    expect(await time.run(lost)).toBe('gone');
    replug(true);
    expect(await time.run(next)).toBe('next');
  });

  it('and leaves a job behind that does not notice is forgotten after the farewell', async () => {
    const { time, desk, turn, job, replug } = world();
    void desk.use(PORT, turn('first'), () => new Promise(() => undefined));
    await time.run(time.sleep(10));
    replug(true);
    const next = desk.use(PORT, turn('next'), job('next', 1));
    expect(await time.run(next)).toBe('next');
    expect(time.monotonic()).toBe(10 + FAREWELL_MS + 1);
  });
});

describe('two windows, one port', () => {
  /** A port that only one can have open at a time, as the browser has it. */
  function fakePort() {
    let owner: string | undefined;
    return {
      open(name: string) {
        if (owner !== undefined) throw new PortError('busy', 'in use by another window');
        owner = name;
      },
      close() {
        owner = undefined;
      },
    };
  }

  it('what the window before still holds is refused in words, and nothing of that stays', async () => {
    const { time, turn } = world();
    const port = fakePort();
    const window = () => createDesk({ clock: time, portOf: () => port, onChange: () => undefined });
    const [old, next] = [window(), window()];
    const reading = (name: string, ms: number) => async (seat: Seat) => {
      port.open(name);
      try {
        await time.sleep(ms, seat.signal);
        return name;
      } finally {
        await seat.close(() => time.sleep(5).then(port.close));
      }
    };
    const stop = new AbortController();
    const before = reasonOf(old.use(PORT, turn('reading', { signal: stop.signal }), reading('old', 60_000)));
    const behind = reasonOf(old.use(PORT, turn('reading', { signal: stop.signal }), reading('behind', 10)));
    await time.run(time.sleep(100));
    expect(await time.run(reasonOf(next.use(PORT, turn('reading'), reading('next', 10))))).toContain('another window');
    expect(next.state(PORT)).toBeUndefined();
    stop.abort(new Error('another window has taken over'));
    expect(await time.run(Promise.all([before, behind]))).toEqual(Array(2).fill('another window has taken over'));
    expect(old.state(PORT)).toBeUndefined();
    expect(await time.run(next.use(PORT, turn('reading'), reading('next', 10)))).toBe('next');
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
    const { time, desk, turn, job, told, idle } = here;
    const stop = new AbortController();
    const listening = desk.listen(PORT, 'listening', stop.signal, hears(here));
    const run = async () => {
      await time.sleep(10);
      expect(desk.state(PORT)).toMatchObject({ text: 'listening', kind: 'listening', waiting: 0 });
      await desk.use(PORT, turn('read', { rank: 'schedule' }), job('read', 10));
      await time.sleep(10);
      await idle(); // a listener is no work
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
      'This port is hearing the push.',
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

  it('that does not step back keeps a guest no longer than the farewell, and its stop is answered in time', async () => {
    const { time, desk, turn, job, replug } = world();
    const stop = new AbortController();
    const listening = desk.listen(PORT, 'listening', stop.signal, () => new Promise(() => undefined));
    const guest = reasonOf(desk.use(PORT, turn('read'), job('read', 1)));
    expect(await time.run(guest)).toContain('does not let go');
    expect(time.monotonic()).toBe(FAREWELL_MS);
    replug(true);
    expect(desk.state(PORT)).toMatchObject({ kind: 'listening' });
    stop.abort();
    await time.run(listening);
    expect(time.monotonic()).toBe(FAREWELL_MS + ANSWER_MS);
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
      const { time, desk, idle } = world();
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
        await idle();
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
