import { fromHex, fromLatin1 } from '../../common/bytes.ts';
import type { KeptCounter } from '../../common/kept-counter.ts';
import type { Secret } from '../../common/secret.ts';
import type { ReadOptions } from '../protocol.ts';
import { CIPHERED_PROPOSAL } from './apdu/conformance.ts';
import { associateCiphered, type CipheredAuthentication } from './ciphered-client.ts';
import { associate, type Association, type Authentication, type Exchange } from './client.ts';
import { dlmsError } from './errors.ts';
import { AUTHENTICATION_KEY, ENCRYPTION_KEY, HLS_SECRET, PASSWORD, SYSTEM_TITLE } from './secrets.ts';
import { invocationCounter, type InvocationCounter } from './security/counter.ts';
import { KeyError } from './security/key-error.ts';
import { AUTHENTICATED, ENCIPHERED, KEY_BYTES } from './security/protection.ts';
import type { DlmsSettings } from './settings.ts';

/** How the meter is told who we are, and what protects what it says. */
export interface Access {
  /** For people, once the meter has let us in: "no security", "password", "authenticated and encrypted". */
  readonly level: string;
  /** Numbers of the messages; absent: none are numbered. */
  readonly counter?: InvocationCounter;
  associate(exchange: Exchange): Promise<Association>;
}

/** What it may see, anybody may. */
export const PUBLIC = 16;
const CHALLENGE_BYTES = 16;

/** With what is kept of this meter. Rejects with a MeterError where something that is needed is not. */
export async function accessOf(settings: DlmsSettings, options: ReadOptions): Promise<Access> {
  const { client, security, names } = settings;
  if (client === PUBLIC || security === 'none') return plainAccess({ mechanism: 0 }, names);
  if (security === 'password') {
    const password = await options.secret?.(PASSWORD);
    const said = async (how: 'taken' | 'refused') => await options.secretSaid?.(PASSWORD, how);
    return plainAccess(password ? { mechanism: 1, password: password.bytes, said } : { mechanism: 0 }, names);
  }
  const mechanism = Number(security.slice(-1)) as 2 | 3 | 4 | 5 | 6;
  const isKeyed = mechanism === 5 || settings.protection !== 'none';
  if (!isKeyed && mechanism !== 6) {
    const secret = await needed(options, HLS_SECRET);
    // What answered one challenge answers no other: each association has its own.
    const asking = () =>
      plainAccess({ mechanism, secret: secret.bytes, challenge: randomBytes(CHALLENGE_BYTES) }, names);
    const access = { ...asking(), associate: async (exchange: Exchange) => await asking().associate(exchange) };
    return saying(access, options, [HLS_SECRET]);
  }
  return await keyedAccess(settings, options, mechanism, isKeyed);
}

/** Without keys: all goes in the open. */
export function plainAccess(authentication: Authentication, names: DlmsSettings['names'] = 'logical'): Access {
  const { mechanism } = authentication;
  const level = mechanism === 0 ? 'no security' : mechanism === 1 ? 'password' : openLevel(mechanism);
  return { level, associate: async (exchange) => await associate(exchange, authentication, names) };
}

const openLevel = (mechanism: number) => `secret proved (HLS ${mechanism}), not encrypted`;

async function keyedAccess(
  settings: DlmsSettings,
  options: ReadOptions,
  mechanism: 2 | 3 | 4 | 5 | 6,
  isKeyed: boolean,
): Promise<Access> {
  const { protection, suite, dedicated } = settings;
  const control =
    suite |
    (protection === 'authenticated' || protection === 'both' ? AUTHENTICATED : 0) |
    (protection === 'encrypted' || protection === 'both' ? ENCIPHERED : 0);
  const authenticates = mechanism === 5 || (control & AUTHENTICATED) !== 0;
  const ofSuite = async (name: string) => {
    const found = await needed(options, name);
    if (found.bytes.length === KEY_BYTES[suite]) return found;
    throw dlmsError(
      'no key',
      `The ${name} has ${found.bytes.length} bytes; those of suite ${suite} have ${KEY_BYTES[suite]}.`,
      {
        hint: 'Look at the security suite in the settings of this meter. Nothing was sent.',
      },
    );
  };
  const key = isKeyed ? await ofSuite(ENCRYPTION_KEY) : undefined;
  const authenticationKey = authenticates ? await ofSuite(AUTHENTICATION_KEY) : undefined;
  const proof = mechanism === 5 ? { mechanism } : { mechanism, secret: (await needed(options, HLS_SECRET)).bytes };
  const meterTitle = await options.secret?.(SYSTEM_TITLE);
  const ownTitle = titleOf(settings.ownTitle);
  const kept = key && (await options.counter?.(key, `${settings.client} ${settings.opening}`, ownTitle));
  if (key && !kept) throw dlmsError('counter', 'There is nowhere to keep the number of the next message.');
  const counter = invocationCounter(kept ?? withoutNumbers(), settings.counterUpTo, ownTitle);
  const own: Omit<CipheredAuthentication, 'title' | 'challenge'> = {
    key: key?.bytes ?? new Uint8Array(0),
    ...(authenticationKey ? { authenticationKey: authenticationKey.bytes } : {}),
    ...(meterTitle ? { meterTitle: meterTitle.bytes } : {}),
    proof,
    control,
    counter,
    conformance: CIPHERED_PROPOSAL,
  };
  /** Of one association alone. */
  const fresh = () => ({
    title: counter.title,
    challenge: randomBytes(CHALLENGE_BYTES),
    ...(dedicated && (control & ENCIPHERED) !== 0 ? { dedicatedKey: randomBytes(KEY_BYTES[suite]) } : {}),
  });
  const access: Access = {
    level: levels[protection] ?? openLevel(mechanism),
    ...(key ? { counter } : {}),
    associate: async (exchange) => await associateCiphered(exchange, { ...own, ...fresh() }),
  };
  const names = [
    ...(key ? [ENCRYPTION_KEY] : []),
    ...(authenticates ? [AUTHENTICATION_KEY] : []),
    ...(mechanism === 5 ? [] : [HLS_SECRET]),
  ];
  return saying(access, options, names);
}

const levels: Partial<Record<DlmsSettings['protection'], string>> = {
  authenticated: 'authenticated, not encrypted',
  encrypted: 'encrypted, not authenticated',
  both: 'authenticated and encrypted',
};

/** Of a proof that is a hash: nothing of it is numbered. */
function withoutNumbers(): KeptCounter {
  const none = () => Promise.reject(dlmsError('counter', 'There is nowhere to keep the number of the next message.'));
  return { title: randomBytes(TITLE_BYTES), last: undefined, next: none, renew: none };
}

async function needed({ secret }: ReadOptions, name: string): Promise<Secret> {
  const found = await secret?.(name);
  if (found) return found;
  throw dlmsError('no key', `The ${name} of this meter is not known.`);
}

/** The schedule sends nothing again for a while that a meter did not take. */
function saying(access: Access, { secretSaid }: ReadOptions, names: readonly string[]): Access {
  const say = async (which: readonly string[], how: 'taken' | 'refused') => {
    for (const name of which) await secretSaid?.(name, how);
  };
  return {
    ...access,
    async associate(exchange) {
      try {
        const association = await access.associate(exchange);
        await say(names, 'taken');
        return association;
      } catch (error) {
        // What was only not heard may be right.
        if (error instanceof KeyError)
          await say(
            names.filter((name) => error.which === 'any' || name === error.which),
            'refused',
          );
        throw error;
      }
    },
  };
}

const TITLE_BYTES = 8;

/** As hexadecimal or characters; undefined where it is left to us. */
function titleOf(text: string): Uint8Array | undefined {
  if (text === '') return undefined;
  const bytes = fromHex(text);
  return bytes?.length === TITLE_BYTES ? bytes : fromLatin1(text);
}

const randomBytes = (count: number) => crypto.getRandomValues(new Uint8Array(count));
