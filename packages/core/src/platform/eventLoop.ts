/** After so many milliseconds of computing, whatever else waits gets its turn. */
const LONGEST = 10

let lastTurn = performance.now()
let turn: Promise<void> | null = null

/**
 * Lets timers, signals, requests and a page's frames go on in between: promises alone never let them. There is nothing to
 * wait for (null) until some milliseconds of computing have gone by; then everybody waits for the same turn of the event
 * loop, so that who came first goes on first.
 */
export function letOthersRun(): Promise<void> | null {
  if (turn || performance.now() - lastTurn < LONGEST) return turn
  turn = new Promise<void>((resolve) => {
    nextTurn(() => {
      lastTurn = performance.now()
      turn = null
      resolve()
    })
  })
  return turn
}

/** Calls back after what waits in the event loop. Browsers hold timers back for some milliseconds, messages they do not. */
function nextTurn(callback: () => void): void {
  const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => void }
  if (setImmediate) {
    setImmediate(callback)
    return
  }
  const { port1, port2 } = new MessageChannel()
  port1.onmessage = () => {
    port1.close()
    callback()
  }
  port2.postMessage(null)
}
