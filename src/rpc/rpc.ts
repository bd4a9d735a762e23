/**
 * Typed call-and-stream over postMessage, used by both workers. A call has an input, any number of events while it
 * runs and of messages into it, and one result or error; aborting the caller's signal aborts the callee's.
 */
export interface Method<Input = unknown, Result = unknown, Event = never, Message = never> {
  readonly input: Input;
  readonly result: Result;
  readonly event: Event;
  readonly message: Message;
}

/** An API is an interface whose members are all {@link Method}s. */
export type Api<T> = { [K in keyof T]: Method<unknown, unknown, unknown, unknown> };

export interface CallContext<Event> {
  readonly signal: AbortSignal;
  readonly emit: (event: Event) => void;
}

/** Of a call into which messages may come while it runs. */
export interface Conversing<Event, Message> extends CallContext<Event> {
  /** Hears what the caller sends into the running call, what came before included. One listener a call. */
  readonly hear: (listener: (message: Message) => void) => void;
}

export type Handlers<T extends Api<T>> = {
  [K in keyof T]: (input: T[K]['input'], context: ContextOf<T[K]>) => T[K]['result'] | Promise<T[K]['result']>;
};

type ContextOf<M extends Method<unknown, unknown, unknown, unknown>> = [M['message']] extends [never]
  ? CallContext<M['event']>
  : Conversing<M['event'], M['message']>;

/** Takes the calls that have no handler here, whatever their name. */
export type Forward = (method: string, input: unknown, context: Conversing<unknown, unknown>) => Promise<unknown>;

export interface CallOptions<Event> {
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: Event) => void;
}

export interface Call<Result, Message> {
  readonly result: Promise<Result>;
  /** Goes into the running call; into one that has ended it goes unheard. */
  send(message: Message): void;
}

export interface Caller<T extends Api<T>> {
  call<K extends keyof T & string>(
    method: K,
    input: T[K]['input'],
    options?: CallOptions<T[K]['event']>,
  ): Promise<T[K]['result']>;
}

export interface Client<T extends Api<T>> extends Caller<T> {
  /** A call into which messages can be sent while it runs. */
  open<K extends keyof T & string>(
    method: K,
    input: T[K]['input'],
    options?: CallOptions<T[K]['event']>,
  ): Call<T[K]['result'], T[K]['message']>;
}

/** A client of which only the opening of calls has to be written. */
export function clientOf<T extends Api<T>>(open: Client<T>['open']): Client<T> {
  return { open, call: (...call) => open(...call).result };
}

/** Messages that wait until somebody hears them. */
export function mailbox<Message>(): {
  deliver(message: Message): void;
  readonly hear: Conversing<never, Message>['hear'];
} {
  const waiting: Message[] = [];
  let listener: ((message: Message) => void) | undefined;
  return {
    deliver(message) {
      if (listener) listener(message);
      else waiting.push(message);
    },
    hear(heardBy) {
      listener = heardBy;
      for (const message of waiting.splice(0)) heardBy(message);
    },
  };
}

/** The two ends this module needs of a Worker, a MessagePort or a worker's global scope. */
export interface Endpoint {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}

type Request =
  | { readonly rpc: 'call'; readonly id: number; readonly method: string; readonly input: unknown }
  | { readonly rpc: 'message'; readonly id: number; readonly message: unknown }
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
  const members = Object.fromEntries(Object.entries(error).filter(([, value]) => typeof value !== 'function'));
  return { name: error.name, message: error.message, members };
}

function revive({ name, message, members }: PlainError): Error {
  const error = name === 'AbortError' ? new DOMException(message, name) : new Error(message);
  return Object.assign(error, members, name === 'AbortError' ? {} : { name });
}

/** Answers calls from the endpoint. Returns the way to abort all that run, for when the caller is gone. */
export function serve<T extends Api<T>>(endpoint: Endpoint, handlers: Handlers<T>): () => void;
/** The same, where calls without a handler are passed on. */
export function serve<T extends Api<T>>(
  endpoint: Endpoint,
  handlers: Partial<Handlers<T>>,
  forward: Forward,
): () => void;
export function serve<T extends Api<T>>(
  endpoint: Endpoint,
  handlers: Partial<Handlers<T>>,
  forward: Forward = unknownMethod,
): () => void {
  const running = new Map<number, { readonly abort: AbortController; readonly deliver: (message: unknown) => void }>();
  endpoint.addEventListener('message', ({ data }: MessageEvent) => {
    const request = data as Request;
    if (request.rpc === 'abort') running.get(request.id)?.abort.abort();
    else if (request.rpc === 'message') running.get(request.id)?.deliver(request.message);
    else if (request.rpc === 'call') void run(request.id, request.method, request.input);
  });

  return () => {
    for (const { abort } of running.values()) abort.abort();
  };

  async function run(id: number, method: string, input: unknown): Promise<void> {
    const abort = new AbortController();
    const { deliver, hear } = mailbox<unknown>();
    running.set(id, { abort, deliver });
    const reply = (message: Response) => endpoint.postMessage(message);
    const context = { signal: abort.signal, emit: (event: unknown) => reply({ rpc: 'event', id, event }), hear };
    try {
      const handler = Object.hasOwn(handlers, method) ? handlers[method as keyof T] : undefined;
      const result = await (handler ? handler(input, context) : forward(method, input, context));
      reply({ rpc: 'result', id, result });
    } catch (error) {
      reply({ rpc: 'error', id, error: flatten(error) });
    } finally {
      running.delete(id);
    }
  }
}

const unknownMethod: Forward = (method) => Promise.reject(new Error(`unknown method ${method}`));

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

  return clientOf((method, input, options = {}) => {
    const id = ++lastId;
    const post = (request: Request) => endpoint.postMessage(request);
    const abort = () => post({ rpc: 'abort', id });
    const result = new Promise((resolve, reject) => {
      pending.set(id, { resolve, reject, onEvent: options.onEvent });
      post({ rpc: 'call', id, method, input });
      if (options.signal?.aborted) abort();
      else options.signal?.addEventListener('abort', abort);
    });
    const over = () => options.signal?.removeEventListener('abort', abort);
    result.then(over, over);
    return { result, send: (message) => post({ rpc: 'message', id, message }) };
  });
}
