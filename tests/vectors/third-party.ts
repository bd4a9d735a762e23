import { existsSync, readFileSync } from 'node:fs';

/** All of it, with what may not be copied; beside the project, where somebody has it. */
const BESIDE = new URL('../../../shared/vectors/', import.meta.url);
/** What may stand in the project: see its README. */
const OWN = new URL('data/', import.meta.url);

/**
 * Data of others by the name of its file: all of it where it is present, else what stands in the project; undefined where
 * none of it may, which is said once.
 */
export function thirdParty<T>(name: string): { readonly content: T; readonly isWhole: boolean } | undefined {
  const beside = new URL(name, BESIDE);
  const own = new URL(name, OWN);
  const isWhole = existsSync(beside);
  if (!isWhole && !existsSync(own)) {
    console.warn(`${name} skipped: ../shared/vectors is absent`);
    return undefined;
  }
  return { content: JSON.parse(readFileSync(isWhole ? beside : own, 'utf8')) as T, isWhole };
}
