import { createSubscriber } from 'svelte/reactivity';

const subscribe = createSubscriber((update) => {
  const timer = setInterval(update, 1000);
  return () => clearInterval(timer);
});

/** Now, milliseconds since the epoch; who shows it is brought up to date every second. */
export function eachSecond(): number {
  subscribe();
  return Date.now();
}
