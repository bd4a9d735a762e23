/** A meter is read without it rather than later. Real time: the meter's own may run faster. */
const PATIENCE_MS = 3000;

/** What a storage answers; rejects where it does not in three seconds. */
export async function soon<T>(answer: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the storage of the browser does not answer')), PATIENCE_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
