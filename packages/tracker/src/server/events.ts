/** Server-sent events: everybody who listens hears what changed; who comes back says what it heard last. */
import type { ServerEvent } from './api/index.ts'

const KEPT = 2000
const MAX_BEHIND = 2000
const KEEP_ALIVE = 15_000

interface Listener {
  project: string | undefined
  send: (text: string) => void
}

const projectOf = (event: ServerEvent): string | undefined => ('project' in event ? event.project : undefined)

export class EventHub {
  private readonly listeners = new Set<Listener>()
  private readonly kept: { id: number; event: ServerEvent }[] = []
  /** Ids of another start of the server mean nothing to this one. */
  private readonly epoch = Date.now().toString(36)
  private next = 1

  publish(event: ServerEvent): void {
    const id = this.next++
    this.kept.push({ id, event })
    if (this.kept.length > KEPT) this.kept.splice(0, KEPT / 2)
    const text = this.format(id, event)
    for (const { project, send } of [...this.listeners])
      if (project === undefined || projectOf(event) === undefined || projectOf(event) === project) send(text)
  }

  private format(id: number, event: ServerEvent): string {
    return `id: ${this.epoch}-${id}\ndata: ${JSON.stringify(event)}\n\n`
  }

  get listenerCount(): number {
    return this.listeners.size
  }

  /** @param lastEventId What the browser sends when it comes back. */
  stream(project: string | undefined, lastEventId: string | undefined): ReadableStream<Uint8Array> {
    const encoder = new TextEncoder()
    let stop = () => {}
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        const send = (text: string) => {
          // Who does not read for so long starts anew when it comes back.
          if ((controller.desiredSize ?? 0) < -MAX_BEHIND) {
            stop()
            controller.close()
            return
          }
          controller.enqueue(encoder.encode(text))
        }
        const listener = { project, send }
        const alive = setInterval(() => send(': alive\n\n'), KEEP_ALIVE)
        stop = () => {
          clearInterval(alive)
          this.listeners.delete(listener)
        }
        send('retry: 1000\n\n')
        const missed = this.missed(lastEventId)
        if (missed) {
          for (const { id, event } of missed)
            if (project === undefined || projectOf(event) === project) send(this.format(id, event))
        } else send(this.format(this.next - 1, { type: 'hello', now: Date.now() / 1000 }))
        this.listeners.add(listener)
      },
      cancel: () => stop(),
    })
  }

  /** What came after an event; null where that is not known any more. */
  private missed(lastEventId: string | undefined): { id: number; event: ServerEvent }[] | null {
    const match = /^([0-9a-z]+)-(\d+)$/.exec(lastEventId ?? '')
    if (match?.[1] !== this.epoch) return null
    const last = Number(match[2])
    if (last >= this.next || last + 1 < (this.kept[0]?.id ?? this.next)) return null
    return this.kept.filter(({ id }) => id > last)
  }
}
