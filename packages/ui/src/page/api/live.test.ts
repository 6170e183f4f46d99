import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { type Changes, Live, type LiveSource } from './live.ts'

class FakeSource implements LiveSource {
  onmessage: LiveSource['onmessage'] = null
  onopen: LiveSource['onopen'] = null
  onerror: LiveSource['onerror'] = null
  closed = false
  close() {
    this.closed = true
  }
  send(event: unknown) {
    this.onmessage?.({ data: typeof event === 'string' ? event : JSON.stringify(event) })
  }
}

const run = (id: string, changed: string[], keys: string[] | null) => ({
  type: 'run',
  project: 'p',
  run: id,
  state: 'running',
  revision: 1,
  changed,
  keys,
})

test('events are joined and delivered at most so often', (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.after(() => mock.timers.reset())
  const source = new FakeSource()
  const live = new Live({ open: () => source, every: 500 })
  const seen: Changes[] = []
  live.listen((changes) => seen.push(changes))
  source.send({ type: 'hello', now: 1 })
  source.send(run('a', ['series'], ['loss']))
  source.send(run('a', ['summary'], ['acc']))
  source.send(run('b', ['series'], null))
  source.send('no JSON')
  assert.equal(seen.length, 0)
  mock.timers.tick(500)
  assert.equal(seen.length, 1)
  assert.deepEqual([...seen[0].runs.get('a')!.changed], ['series', 'summary'])
  assert.deepEqual([...seen[0].runs.get('a')!.keys!], ['loss', 'acc'])
  assert.equal(seen[0].runs.get('b')!.keys, null)
  assert.equal(seen[0].all, false)
  live.close()
  assert.equal(source.closed, true)
})

test('a hidden page hears nothing, then everything at once', (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.after(() => mock.timers.reset())
  const source = new FakeSource()
  let hidden = true
  const live = new Live({ open: () => source, hidden: () => hidden })
  const seen: Changes[] = []
  live.listen((changes) => seen.push(changes))
  source.send(run('a', ['series'], ['loss']))
  mock.timers.tick(10_000)
  source.send(run('b', ['series'], ['loss']))
  assert.equal(seen.length, 0)
  hidden = false
  live.flush()
  assert.deepEqual([...seen[0].runs.keys()], ['a', 'b'])
  live.close()
})

test('a lost connection is opened again, and its hello means: ask for everything', (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.after(() => mock.timers.reset())
  const sources: FakeSource[] = []
  const states: boolean[] = []
  const live = new Live({
    open: () => {
      sources.push(new FakeSource())
      return sources.at(-1)!
    },
    onState: (connected) => states.push(connected),
  })
  const seen: Changes[] = []
  live.listen((changes) => seen.push(changes))
  sources[0].onopen?.()
  sources[0].send({ type: 'hello', now: 1 })
  sources[0].onerror?.()
  mock.timers.tick(2000)
  assert.equal(sources.length, 2)
  sources[1].onopen?.()
  sources[1].send({ type: 'hello', now: 2 })
  mock.timers.tick(500)
  assert.deepEqual(states, [true, false, true])
  assert.equal(seen[0].all, true)
  live.close()
})
