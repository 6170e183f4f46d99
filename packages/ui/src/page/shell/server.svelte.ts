/** The live connection, shared by all that is on screen. */
import { address, type ServerInfo } from '@trainyard/tracker/api'
import { base, client } from '../api/client.ts'
import { Live, type LiveSource } from '../api/live.ts'

class Server {
  connected = $state(true)
  info = $state.raw<ServerInfo | undefined>()
  /** The server's time, for ages: seconds that its clock is ahead of the browser's. */
  #ahead = $state(0)
  #tick = $state(Date.now() / 1000)
  readonly live: Live

  constructor() {
    this.live = new Live({
      open: () => new EventSource(address('events', {}, base)) as unknown as LiveSource,
      hidden: () => document.hidden,
      onState: (connected) => {
        this.connected = connected
      },
    })
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.live.flush()
    })
    setInterval(() => {
      if (!document.hidden) this.#tick = Date.now() / 1000
    }, 5000)
    client.call('serverInfo', {}).then(
      (info) => {
        this.info = info
        this.#ahead = info.now - Date.now() / 1000
      },
      () => {},
    )
  }

  get now(): number {
    return this.#tick + this.#ahead
  }
}

export const server = new Server()
