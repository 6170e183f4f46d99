import { createInterface } from 'node:readline'
import type { Made } from '../cases/case.ts'
import type { Answer, Request } from './peer.ts'

/** A case made ready in a peer, with what has to be said about it. */
export type PeerCase = Made & { readonly note?: string }

/** Longer than this no round of a peer takes, unless one repeat does. In milliseconds. */
const longestRound = 4000

async function time({ call, run }: PeerCase, repeats: number): Promise<number> {
  if (run) return run(repeats)
  const times: number[] = []
  const begin = performance.now()
  while (times.length < repeats) {
    const start = performance.now()
    await call!()
    times.push((performance.now() - start) / 1000)
    if (performance.now() - begin > longestRound) break
  }
  return times.sort((a, b) => a - b)[times.length >> 1]
}

/** Some repeats, and more for half a second where they are short: by then engines have optimised what they run. */
async function warmUp(made: PeerCase, repeats: number): Promise<void> {
  const begin = performance.now()
  while (made.call || made.run) {
    await time(made, repeats)
    if (performance.now() - begin > 500) return
  }
}

/**
 * The other end of `startPeer`: says hello, then times what each line asks for. One case is kept at a time, since each
 * holds memory. `make` gives null for a case that is not to be had; what it or the case throws is told as a note.
 */
export async function serve(
  hello: { readonly version: string },
  make: (request: Request) => PeerCase | null | Promise<PeerCase | null>,
  more: () => Partial<Answer> = () => ({}),
): Promise<void> {
  const say = (object: object): void => void process.stdout.write(`${JSON.stringify(object)}\n`)
  say(hello)
  let current: { name: string; made: PeerCase | null } | null = null
  const answer = async (request: Request): Promise<Answer> => {
    if (current?.name !== request.case) {
      current = null
      ;(globalThis as { gc?: () => void }).gc?.()
      current = { name: request.case, made: await make(request) }
      if (current.made && !request.cold) await warmUp(current.made, Math.max(1, request.repeats >> 2))
    }
    const { made } = current
    if (!made?.call && !made?.run) return { seconds: null, ...(made?.note && { note: made.note }) }
    const { flops, note, details } = made
    const beside = request.cold ? {} : more()
    const seconds = await time(made, request.repeats)
    return {
      seconds,
      ...(flops && { flops }),
      ...(note && { note }),
      ...(details && { details }),
      ...(made.plannedBytes && { plannedBytes: made.plannedBytes() }),
      peakBytes: 1024 * process.resourceUsage().maxRSS,
      ...beside,
    }
  }
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as Request
    say(
      await answer(request).catch((error): Answer => {
        current = { name: request.case, made: null }
        return { seconds: null, note: `failed: ${(error as Error).message}` }
      }),
    )
  }
  process.exit()
}
