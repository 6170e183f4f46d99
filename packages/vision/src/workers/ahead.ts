/**
 * Does jobs ahead of who consumes their results, and gives the results in the jobs' order, whichever is done first.
 *
 * No more than `ahead` results are begun but not consumed, which bounds memory. An error comes where its result would have
 * come; what was before it is still delivered. When the consumer stops early, no new job is begun.
 *
 * @param jobs What is to be done; taken one by one as there is room.
 * @param run Does one.
 * @param ahead How many at once, at least 1.
 * @example
 * for await (const sample of ahead(order, (index) => pool.ask(index), 16)) …
 */
export async function* ahead<Job, Result>(
  jobs: Iterable<Job>,
  run: (job: Job) => Promise<Result>,
  ahead: number,
): AsyncGenerator<Result, void, undefined> {
  if (!(ahead >= 1)) throw new RangeError(`ahead: ${ahead} jobs at once, expected at least 1`)
  const begun: Promise<Result>[] = []
  const iterator = jobs[Symbol.iterator]()
  const fill = () => {
    while (begun.length < ahead) {
      const { done, value } = iterator.next()
      if (done) return
      const result = run(value)
      // Whoever consumes it meets the error; until then it must not count as unhandled.
      result.catch(() => {})
      begun.push(result)
    }
  }
  try {
    for (fill(); begun.length > 0; fill()) yield await begun.shift()!
  } finally {
    iterator.return?.()
  }
}
