import { loadStored, saveStored } from '../components/stored.ts';
import { hashOf, parseRoute } from './routes.ts';
import type { Route } from './routes.ts';

const HOME = 'home';

/** Where an address without a route leads from the next visit on. */
export function rememberHome(home: 'read' | 'meters'): void {
  saveStored(HOME, home);
}

/** The route as the address bar has it; the back button works because nothing else holds it. */
export class Router {
  /** Where an address without a route leads on this visit. */
  readonly home = loadStored(HOME, (value): 'meters' | 'read' => (value === 'meters' ? value : 'read'));
  route: Route = $state.raw(parseRoute(location.hash, this.home));

  constructor() {
    addEventListener('hashchange', () => {
      this.route = parseRoute(location.hash, this.home);
    });
  }

  go(route: Route): void {
    location.hash = hashOf(route);
  }

  /** Changes the address without a step in the history: what is typed into a filter is not a place to go back to. */
  replace(route: Route): void {
    history.replaceState(history.state, '', hashOf(route));
    this.route = route;
  }
}
