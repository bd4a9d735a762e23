/** A window that was loaded in this time, or is stopped, does not answer; then nothing of it is taken away. */
const ANSWER_MS = 3000;

/**
 * The script each open window began with, which tells the build it belongs to. Undefined where one does not say: it may
 * be frozen, or older than this question.
 */
export async function scriptsOfWindows(clients: Clients, scope: string): Promise<readonly string[] | undefined> {
  const windows = await clients.matchAll({ type: 'window', includeUncontrolled: true });
  // Another app may live at another path of the same host.
  const scripts = await Promise.all(windows.filter(({ url }) => url.startsWith(scope)).map(askScript));
  const told = scripts.filter((script) => script !== undefined);
  return told.length === scripts.length ? told : undefined;
}

function askScript(client: Client): Promise<string | undefined> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    const finish = (script?: string) => {
      clearTimeout(timer);
      port1.close();
      resolve(script);
    };
    const timer = setTimeout(finish, ANSWER_MS);
    port1.onmessage = ({ data }: MessageEvent<unknown>) => finish(typeof data === 'string' ? data : undefined);
    client.postMessage({ type: 'WHICH_SCRIPT' }, [port2]);
  });
}
