import { hashOf, parseRoute } from './routes.ts';
import type { Route } from './routes.ts';

/** The route as the address bar has it; the back button works because nothing else holds it. */
export class Router {
  #route: Route = $state.raw(parseRoute(location.hash));

  constructor() {
    addEventListener('hashchange', () => {
      this.#route = parseRoute(location.hash);
    });
  }

  get route(): Route {
    return this.#route;
  }

  go(route: Route): void {
    location.hash = hashOf(route);
  }

  /** Changes the address without a step in the history: what is typed into a filter is not a place to go back to. */
  replace(route: Route): void {
    history.replaceState(history.state, '', hashOf(route));
    this.#route = route;
  }
}
