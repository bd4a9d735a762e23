import type { Values } from '../common/form.ts';
import type { Protocol } from './protocol.ts';

/** Do meters that are read with these settings speak by themselves? */
export function listensWith({ listens }: Pick<Protocol, 'listens'>, settings: Values): boolean {
  if (!listens) return false;
  const { where } = listens;
  return !where || settings[where.key] === where.is;
}
