/** One job at a time on every port: two meters on one bus never collide, whoever asks for them. */
export interface PortQueues {
  /**
   * Runs the job when the port is free, in the order of asking; settles as the job does.
   * 'first' goes before what waits (a person stands there), never before what runs.
   */
  run<T>(port: number, job: () => Promise<T>, order?: 'last' | 'first'): Promise<T>;
  /** Jobs that run or wait on the port. */
  length(port: number): number;
  /** Resolves once no job runs or waits on any port. */
  idle(): Promise<void>;
}

/** `onChange`: a job has ended, and the length tells so. */
export function createPortQueues(onChange: () => void = () => undefined): PortQueues {
  const queues = new Map<number, (() => Promise<void>)[]>();
  let waitingForIdle: (() => void)[] = [];

  async function work(port: number, jobs: (() => Promise<void>)[]): Promise<void> {
    // The running job stays at the head, so that the length tells of it and 'first' goes behind it.
    for (let job = jobs[0]; job; job = jobs[0]) {
      await job();
      jobs.shift();
      if (jobs.length > 0) onChange();
    }
    queues.delete(port);
    onChange();
    if (queues.size > 0) return;
    for (const resolve of waitingForIdle) resolve();
    waitingForIdle = [];
  }

  return {
    run: (port, job, order = 'last') =>
      new Promise((resolve, reject) => {
        const entry = () => job().then(resolve, reject);
        const jobs = queues.get(port);
        if (!jobs) {
          const started = [entry];
          queues.set(port, started);
          void work(port, started);
        } else if (order === 'first') jobs.splice(1, 0, entry);
        else jobs.push(entry);
      }),
    length: (port) => queues.get(port)?.length ?? 0,
    idle: () => (queues.size === 0 ? Promise.resolve() : new Promise((resolve) => waitingForIdle.push(resolve))),
  };
}
