/**
 * Four agents run a program that does nothing, while they and the server are killed again and again. Two dozen trials of a third
 * of a second by default; a thousand of no time at all with TRAINYARD_FULL_TESTS=1.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { scratch } from '../../testing/scratch.ts'
import { Stream } from '../random/stream.ts'
import { TrialService } from '../trials/trialService.ts'
import { httpHost } from './host.ts'

const full = process.env.TRAINYARD_FULL_TESTS === '1'
const budget = full ? 1000 : 24
const command = full ? ['true'] : ['sleep', '0.3']

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** A process that is started again whenever it is found dead, until it ends by itself. */
class Immortal {
  #child: ChildProcess | undefined
  readonly #start: () => ChildProcess
  done = false
  deaths = 0

  constructor(start: () => ChildProcess) {
    this.#start = start
  }

  live(): void {
    const child = this.#start()
    this.#child = child
    child.once('exit', (code) => {
      if (this.#child !== child) return
      this.#child = undefined
      if (code === 0) this.done = true
      else if (!this.done) this.live()
    })
  }

  kill(): void {
    if (this.#child && !this.done) this.deaths++
    this.#child?.kill('SIGKILL')
  }

  async end(): Promise<void> {
    this.done = true
    const child = this.#child
    if (!child?.kill('SIGKILL')) return
    await once(child, 'exit')
  }
}

const program = (name: string) => fileURLToPath(new URL(`../../testing/${name}`, import.meta.url))

function start(t: TestContext, name: string, ...rest: string[]): Immortal {
  const parts = ['--conditions=trainyard-source', '--no-warnings', program(name), ...rest]
  const immortal = new Immortal(() => spawn(process.execPath, parts, { stdio: ['ignore', 'ignore', 'inherit'] }))
  t.after(() => immortal.end())
  immortal.live()
  return immortal
}

test(`${budget} trials by 4 agents: every one finished, none twice, though agents and server are killed all through`, async (t) => {
  const dir = scratch(t)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const server = start(t, 'sweepServer.ts', dir, `${port}`)
  const host = httpHost(url, 'default')
  const configuration = `
method: random
parameters: {lr: {min: 0.1, max: 1.0}}
run_cap: ${budget}
command: ${JSON.stringify(command)}
retry: {crashed: 1000}
`
  let id: string | undefined
  while (id === undefined)
    id = await host.create({ configuration }).then(
      ({ id }) => id,
      () => sleep(50).then(() => undefined),
    )
  const agents = Array.from({ length: 4 }, () => start(t, 'sweepAgent.ts', url, id, dir))

  const finished = async () => (await host.detail(id).catch(() => undefined))?.trials.finished
  const stream = new Stream(1, 0, 'whom to kill')
  const deadline = Date.now() + 600_000
  let last = 0
  for (let round = 0; agents.some(({ done }) => !done); ) {
    assert.ok(Date.now() < deadline, 'it takes too long')
    await sleep(stream.integer(200))
    // A kill for every so many trials, not every so many seconds: on a busy machine nobody would live long enough to do any.
    const now = (await finished()) ?? last
    if (now < last + (full ? 20 : 3)) continue
    last = now
    if (round++ % 5 === 2) server.kill()
    else agents[stream.integer(agents.length)].kill()
  }
  await server.end()

  const service = new TrialService({ dir })
  t.after(() => service.close())
  const { trials, agents: known, record } = service.get(id)
  const killed = agents.reduce((sum, agent) => sum + agent.deaths, 0)
  t.diagnostic(
    `killed: ${killed} agents, the server ${server.deaths} times; tried again: ${trials.filter(({ attempt }) => attempt > 1).length} trials`,
  )
  assert.equal(record.state, 'finished')
  assert.deepEqual(
    trials.map(({ number, state }) => `${number} ${state}`),
    Array.from({ length: budget }, (_, number) => `${number} finished`),
  )
  const told = [...known.values()].reduce((sum, agent) => sum + agent.finished, 0)
  assert.equal(told, budget, 'each trial was finished by one agent, once')
  assert.ok(killed > 1 && server.deaths > 0)
})
