/** Where one is, and how to go elsewhere. */
import { parseRoute, type Route } from '../address/route.ts'

class Router {
  route = $state.raw<Route>(parseRoute(location.hash))
  /** Grows when somebody else than the page changed the address: back, forward, a link, a person. */
  arrivals = $state(0)

  constructor() {
    addEventListener('hashchange', () => {
      this.route = parseRoute(location.hash)
      this.arrivals++
    })
  }

  go(address: string): void {
    location.hash = address
  }

  /** Writes what is set up into the address, without a step in the history. */
  replaceQuery(query: URLSearchParams): void {
    const [path] = location.hash.split('?')
    const text = query.toString()
    const next = `${path || '#/'}${text ? `?${text}` : ''}`
    if (next !== location.hash) history.replaceState(history.state, '', next)
  }
}

export const router = new Router()
