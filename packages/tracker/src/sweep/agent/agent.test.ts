// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the macros of wandb look like templates
import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { scratch } from '../../testing/scratch.ts'
import { TrialService } from '../trials/trialService.ts'
import { trialsOf } from '../trials/views.ts'
import { AgentError, type AgentEvent, type AgentOptions, runAgent } from './agent.ts'
import { directHost, type SweepHost } from './host.ts'
import { processRunner } from './processRunner.ts'

/** A sweep over a small program in a folder of its own, with an agent that is ready to run. */
function setUp(
  t: TestContext,
  source: string,
  command = '["${interpreter}", "${program}", "${args}"]',
  values = [1, 2, 3],
) {
  const dir = scratch(t)
  const program = join(dir, 'program.mjs')
  writeFileSync(program, source)
  const service = new TrialService({ dir, lease: 2 })
  const ticking = setInterval(() => service.tick(), 50)
  t.after(() => {
    clearInterval(ticking)
    service.close()
  })
  const { id } = service.create({
    configuration: `
method: grid
parameters: {a: {values: ${JSON.stringify(values)}}, flag: {value: true}}
program: ${JSON.stringify(program)}
command: ${command}`,
    folder: dir,
  })
  const events: AgentEvent[] = []
  const agent = (options: Partial<AgentOptions> = {}) =>
    runAgent({
      host: directHost(service),
      sweep: id,
      run: processRunner({ dir, patience: { asked: 0.1, terminated: 0.5 } }),
      beatEvery: 0.05,
      onEvent: (event) => events.push(event),
      ...options,
    })
  return { dir, service, id, agent, events, trials: () => trialsOf(service.get(id), {}).trials }
}

const until = async (what: string, condition: () => boolean) => {
  for (const end = Date.now() + 10_000; !condition(); await sleep(20))
    assert.ok(Date.now() < end, `no ${what} in ten seconds`)
}

const WRITE = `
import { appendFileSync } from 'node:fs'
const { env, argv } = process
appendFileSync(env.TRAINYARD_DIR + '/seen', JSON.stringify({ args: argv.slice(2), cwd: process.cwd(), env: Object.fromEntries(
  Object.entries(env).filter(([key]) => key.startsWith('TRAINYARD_'))) }) + '\\n')
`

test('a program gets its parameters as arguments and in its environment, and runs where the sweep says', async (t) => {
  const { dir, id, agent, trials } = setUp(t, WRITE)
  const summary = await agent()
  assert.deepEqual(summary, { finished: 3, failed: 0, reason: 'the sweep is finished' })
  const seen = readFileSync(join(dir, 'seen'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(seen[1].args, ['--a=2', '--flag=true'])
  assert.equal(seen[1].cwd, dir)
  const { TRAINYARD_SWEEP_PARAMS: parameters, ...env } = seen[1].env
  assert.deepEqual(JSON.parse(parameters), { a: 2, flag: true })
  assert.equal(env.TRAINYARD_RUN_ID, `${id}-1`)
  assert.equal(env.TRAINYARD_SWEEP_ID, id)
  assert.equal(env.TRAINYARD_TRIAL, '1')
  assert.equal(env.TRAINYARD_PROJECT, 'default')
  assert.equal(env.TRAINYARD_THREADS, `${availableParallelism()}`)
  assert.deepEqual(
    trials().map(({ state }) => state),
    ['finished', 'finished', 'finished'],
  )
})

test('agents of one machine divide its cores', async (t) => {
  const { dir, agent } = setUp(t, `${WRITE}; await new Promise((resolve) => setTimeout(resolve, 200))`)
  await Promise.all([agent(), agent(), agent()])
  const threads = readFileSync(join(dir, 'seen'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => Number(JSON.parse(line).env.TRAINYARD_THREADS))
  assert.equal(Math.min(...threads), Math.max(1, Math.floor(availableParallelism() / 3)))
})

test('the parameters as a file', async (t) => {
  const { dir, agent } = setUp(
    t,
    `import { copyFileSync } from 'node:fs'; copyFileSync(process.argv[2], process.env.TRAINYARD_DIR + '/copy')`,
    '["${interpreter}", "${program}", "${args_json_file}"]',
  )
  await agent({ budget: { left: 1 } })
  assert.deepEqual(JSON.parse(readFileSync(join(dir, 'copy'), 'utf8')), { a: 1, flag: true })
})

test('a program that fails is told with the last it said; and its agent pauses', async (t) => {
  const { service, id, agent, events, trials } = setUp(
    t,
    `console.log('much'); console.error('RangeError: lr is too high'); process.exit(3)`,
    undefined,
    [1, 2, 3, 4, 5],
  )
  const working = agent()
  await until('pause', () => events.some(({ type }) => type === 'paused'))
  assert.match(
    trials()[0].reason!,
    /^it ended with code 3: RangeError: lr is too high\nmuch\nRangeError: lr is too high$/,
  )
  const paused = events.find((event) => event.type === 'paused')
  assert.match(paused?.reason ?? '', /its first 3 trials failed/)
  service.commandSweep(id, 'stop')
  assert.equal((await working).failed, 3)
})

test('a program that is not there is told', async (t) => {
  const { agent, trials } = setUp(t, '', '["no-such-program-anywhere"]')
  await agent({ budget: { left: 1 } })
  assert.match(trials()[0].reason!, /it ended with code 127: .*no-such-program-anywhere.*not found/)
})

const STUBBORN = `process.on('SIGTERM', () => console.log('not me')); setInterval(() => {}, 1000); console.log('up')`

test('a trial that does not end when asked gets SIGTERM, then SIGKILL', async (t) => {
  const { service, id, agent, trials } = setUp(t, STUBBORN)
  const working = agent({ budget: { left: 1 } })
  await until('trial', () => trials()[0]?.state === 'running')
  await sleep(300)
  const start = Date.now()
  service.commandSweep(id, 'cancel')
  await working
  assert.ok(Date.now() - start > 400, 'it had time to end by itself')
  assert.equal(trials()[0].state, 'stopped')
  assert.equal(trials()[0].reason, 'the sweep was cancelled')
})

test('an agent that is ended gives its trial back at once, and another one runs it again', async (t) => {
  const { agent, trials } = setUp(
    t,
    `if (process.env.TRAINYARD_RUN_ID.endsWith('-2')) process.exit(0); setInterval(() => {}, 1000)`,
  )
  const controller = new AbortController()
  const working = agent({ signal: controller.signal })
  await until('trial', () => trials()[0]?.state === 'running')
  controller.abort()
  assert.equal((await working).reason, 'it was ended')
  assert.equal(trials()[0].state, 'pending')
  await agent({ budget: { left: 1 } })
  assert.equal(trials()[0].state, 'finished')
  assert.equal(trials()[0].attempt, 2)
})

test('while the server is away a trial goes on, and its end is told when the server is back', async (t) => {
  const { service, id, agent, events, trials } = setUp(t, `await new Promise((resolve) => setTimeout(resolve, 300))`)
  const real = directHost(service)
  let away = false
  const host: SweepHost = {
    ...real,
    beat: async (...request) => {
      if (away) throw new TypeError('fetch failed')
      return real.beat(...request)
    },
  }
  const working = agent({ host, budget: { left: 1 } })
  await until('trial', () => trials()[0]?.state === 'running')
  away = true
  await until('silence', () => events.some(({ type }) => type === 'ended'))
  assert.equal(trials()[0].state, 'running')
  away = false
  await working
  assert.equal(trials()[0].state, 'finished')
  assert.deepEqual(
    events.map(({ type }) => type),
    ['started', 'unreachable', 'ended', 'reachable', 'settled'],
  )
  assert.equal(service.get(id).trials[0].attempt, 1)
})

test('a sweep that is not there, and a server that never answers, end the agent with a message', async (t) => {
  const { agent } = setUp(t, '')
  await assert.rejects(
    agent({ sweep: 'nope' }),
    (error) => error instanceof AgentError && /no sweep "nope"/.test(error.message),
  )
  const host = { register: async () => Promise.reject(new TypeError('fetch failed')) } as unknown as SweepHost
  await assert.rejects(agent({ host, patience: 0.2 }), /the server does not answer: fetch failed/)
})

test('a program dies with its agent, however that went', { skip: process.platform === 'win32' }, async (t) => {
  const { dir, service, id } = setUp(
    t,
    `import { writeFileSync } from 'node:fs'; writeFileSync(process.env.TRAINYARD_DIR + '/pid', String(process.pid)); setInterval(() => {}, 1000)`,
  )
  const { spawn } = await import('node:child_process')
  const runner = new URL('processRunner.ts', import.meta.url).href
  const { agent: name } = service.register(id, { host: 'here' })
  const { orders } = service.beat(id, name, { running: [], ended: [], wants: 1 })
  const sweep = {
    id,
    agent: name,
    lease: 2,
    project: 'default',
    program: service.get(id).sweep.program,
    command: service.get(id).sweep.command,
    folder: dir,
  }
  const source = `import { processRunner } from ${JSON.stringify(runner)}
    processRunner({ dir: ${JSON.stringify(dir)} })(${JSON.stringify(orders[0])}, ${JSON.stringify(sweep)}); setInterval(() => {}, 1000)`
  const parent = spawn(process.execPath, [
    '--conditions=trainyard-source',
    '--no-warnings',
    '--input-type=module-typescript',
    '-e',
    source,
  ])
  await until('program', () => existsSync(join(dir, 'pid')) && readFileSync(join(dir, 'pid'), 'utf8') !== '')
  const pid = Number(readFileSync(join(dir, 'pid'), 'utf8'))
  const lives = () => {
    try {
      return process.kill(pid, 0)
    } catch {
      return false
    }
  }
  assert.ok(lives())
  parent.kill('SIGKILL')
  await until('end of the orphan', () => !lives())
})
