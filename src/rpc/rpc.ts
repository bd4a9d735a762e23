/**
 * Typed call-and-stream over postMessage, used by both workers. A call has an input, any number of events while it
 * runs, and one result or error; aborting the caller's signal aborts the callee's.
 */
export interface Method<Input = unknown, Result = unknown, Event = never> {
  readonly input: Input;
  readonly result: Result;
  readonly event: Event;
}

/** An API is an interface whose members are all {@link Method}s. */
export type Api<T> = { [K in keyof T]: Method<unknown, unknown, unknown> };

export interface CallContext<Event> {
  readonly signal: AbortSignal;
  readonly emit: (event: Event) => void;
}

export type Handlers<T extends Api<T>> = {
  [K in keyof T]: (
    input: T[K]['input'],
    context: CallContext<T[K]['event']>,
  ) => T[K]['result'] | Promise<T[K]['result']>;
};

export interface CallOptions<Event> {
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: Event) => void;
}

export interface Client<T extends Api<T>> {
  call<K extends keyof T & string>(
    method: K,
    input: T[K]['input'],
    options?: CallOptions<T[K]['event']>,
  ): Promise<T[K]['result']>;
}

/** The two ends this module needs of a Worker, a MessagePort or a worker's global scope. */
export interface Endpoint {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}

type Request =
  | { readonly rpc: 'call'; readonly id: number; readonly method: string; readonly input: unknown }
  | { readonly rpc: 'abort'; readonly id: number };
type Response =
  | { readonly rpc: 'event'; readonly id: number; readonly event: unknown }
  | { readonly rpc: 'result'; readonly id: number; readonly result: unknown }
  | { readonly rpc: 'error'; readonly id: number; readonly error: PlainError };

/** What survives of an error: structured clone drops own members of Error subclasses, so they travel as plain data. */
interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly members: Readonly<Record<string, unknown>>;
}

function flatten(error: unknown): PlainError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), members: {} };
  const members = Object.fromEntries(
    Object.entries(error).filter(([key, value]) => key !== 'name' && key !== 'cause' && typeof value !== 'function'),
  );
  return { name: error.name, message: error.message, members };
}

function revive({ name, message, members }: PlainError): Error {
  const error = name === 'AbortError' ? new DOMException(message, name) : new Error(message);
  return Object.assign(error, members, name === 'AbortError' ? {} : { name });
}

/** Answers calls from the endpoint. Returns the way to abort all that run, for when the caller is gone. */
export function serve<T extends Api<T>>(endpoint: Endpoint, handlers: Handlers<T>): () => void {
  const running = new Map<number, AbortController>();
  endpoint.addEventListener('message', ({ data }: MessageEvent) => {
    const request = data as Request;
    if (request.rpc === 'abort') {
      running.get(request.id)?.abort();
    } else if (request.rpc === 'call') {
      void run(request.id, request.method, request.input);
    }
  });

  return () => {
    for (const controller of running.values()) controller.abort();
  };

  async function run(id: number, method: string, input: unknown): Promise<void> {
    const controller = new AbortController();
    running.set(id, controller);
    const reply = (message: Response) => endpoint.postMessage(message);
    try {
      if (!Object.hasOwn(handlers, method)) throw new Error(`unknown method ${method}`);
      const handler = handlers[method as keyof T];
      const result = await handler(input, {
        signal: controller.signal,
        emit: (event) => reply({ rpc: 'event', id, event }),
      });
      reply({ rpc: 'result', id, result });
    } catch (error) {
      reply({ rpc: 'error', id, error: flatten(error) });
    } finally {
      running.delete(id);
    }
  }
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly onEvent: ((event: unknown) => void) | undefined;
}

export function connect<T extends Api<T>>(endpoint: Endpoint): Client<T> {
  const pending = new Map<number, Pending>();
  let lastId = 0;

  endpoint.addEventListener('message', ({ data }: MessageEvent) => {
    const response = data as Response;
    const call = pending.get(response.id);
    if (!call) return;
    if (response.rpc === 'event') {
      call.onEvent?.(response.event);
    } else if (response.rpc === 'result') {
      pending.delete(response.id);
      call.resolve(response.result);
    } else if (response.rpc === 'error') {
      pending.delete(response.id);
      call.reject(revive(response.error));
    }
  });

  return {
    call(method, input, options = {}) {
      const id = ++lastId;
      return new Promise((resolve, reject) => {
        pending.set(id, {
          resolve: resolve,
          reject,
          onEvent: options.onEvent,
        });
        endpoint.postMessage({ rpc: 'call', id, method, input } satisfies Request);
        const abort = () => endpoint.postMessage({ rpc: 'abort', id } satisfies Request);
        if (options.signal?.aborted) abort();
        else options.signal?.addEventListener('abort', abort, { once: true });
      });
    },
  };
}
