import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { init } from '../../run/init.ts'
import type { AgentBeat, AgentOrder } from '../../server/api/agents.ts'
import { scratch } from '../../testing/scratch.ts'
import { SweepDatabase, SweepsBusyError } from './database.ts'
import { TrialService, UnknownSweepError } from './trialService.ts'
import { sweepDetail, trialsOf } from './views.ts'

const RANDOM = 'method: random\nparameters: {lr: {min: 0.1, max: 1.0}, depth: {values: [1, 2]}}\n'
const nothing: AgentBeat = { running: [], ended: [], wants: 0 }

/** A service with a clock that only moves when told, and which can be started again as after a crash. */
function setUp(t: TestContext) {
  const clock = { time: 1000 }
  const dir = scratch(t)
  const start = () => new TrialService({ dir, lease: 30, now: () => clock.time })
  let service = start()
  t.after(() => service.close())
  return {
    dir,
    clock,
    get service() {
      return service
    },
    restart() {
      service.close()
      service = start()
    },
    /** Agents on a machine elsewhere: the service cannot look at their processes. */
    agent: (sweep: string, host = 'elsewhere') => service.register(sweep, { host, pid: 1 }).agent,
  }
}

type Run = Extract<AgentOrder, { type: 'run' }>
const runs = (orders: readonly AgentOrder[]) => orders.filter((order): order is Run => order.type === 'run')
const at = ({ trial, attempt }: { trial: number; attempt: number }) => ({ trial, attempt })

test('an agent takes trials, tells how they ended, and goes when the budget is spent', (t) => {
  const { service, agent } = setUp(t)
  const { id } = service.create({ configuration: `${RANDOM}run_cap: 2\nseed: 1`, file: 's.yaml' })
  const one = agent(id)
  const [first] = runs(service.beat(id, one, { ...nothing, wants: 1 }).orders)
  assert.equal(first.trial, 0)
  assert.equal(first.attempt, 1)
  assert.equal(first.run, `${id}-0`)
  assert.ok((first.parameters.lr as number) > 0.1)
  const [second] = runs(service.beat(id, one, { running: [], ended: [{ ...at(first), exitCode: 0 }], wants: 1 }).orders)
  assert.equal(second.trial, 1)
  const last = service.beat(id, one, { running: [], ended: [{ ...at(second), exitCode: 0 }], wants: 1 })
  assert.deepEqual(last.orders, [{ type: 'exit', reason: 'the sweep is finished' }])
  const { total, trials } = trialsOf(service.get(id), {})
  assert.equal(total, 2)
  assert.deepEqual(
    trials.map(({ state }) => state),
    ['finished', 'finished'],
  )
})

test('two agents get the parameters that one would get', (t) => {
  const { service, agent } = setUp(t)
  const configuration = `${RANDOM}run_cap: 6\nseed: 5`
  const parameters = (agents: number) => {
    const { id } = service.create({ configuration })
    const names = Array.from({ length: agents }, () => agent(id))
    for (let beat = 0; beat < 12; beat++) {
      const name = names[beat % agents]
      const held = service.get(id).heldBy(service.get(id).agents.get(name)!)
      const ended = held.map(({ number, attempt }) => ({ trial: number, attempt, exitCode: 0 }))
      service.beat(id, name, { running: [], ended, wants: 1 })
    }
    return service.get(id).trials.map(({ parameters }) => parameters)
  }
  assert.equal(parameters(1).length, 6)
  assert.deepEqual(parameters(2), parameters(1))
})

test('a beat that is sent again changes nothing, and a lost answer is given again', (t) => {
  const { service, agent } = setUp(t)
  const { id } = service.create({ configuration: `${RANDOM}run_cap: 3` })
  const one = agent(id)
  const ask = { ...nothing, wants: 1 }
  const first = runs(service.beat(id, one, ask).orders)
  assert.deepEqual(runs(service.beat(id, one, ask).orders), first)
  const tell = { running: [], ended: [{ ...at(first[0]), exitCode: 0 }], wants: 1 }
  const second = runs(service.beat(id, one, tell).orders)
  assert.deepEqual(runs(service.beat(id, one, tell).orders), second)
  assert.equal(service.get(id).trials.length, 2)
  assert.equal(service.get(id).agents.get(one)!.finished, 1)
})

test('an expired lease gives the trial to another agent; the late word of the first one is ignored', (t) => {
  const { service, clock, agent } = setUp(t)
  const { id } = service.create({ configuration: `${RANDOM}run_cap: 1` })
  const slow = agent(id)
  const other = agent(id)
  const [first] = runs(service.beat(id, slow, { ...nothing, wants: 1 }).orders)
  assert.deepEqual(service.beat(id, other, { ...nothing, wants: 1 }).orders, [])
  clock.time += 29
  service.beat(id, other, nothing)
  service.tick()
  assert.equal(service.get(id).trials[0].state, 'running')
  clock.time += 2
  service.tick()
  assert.equal(service.get(id).trials[0].state, 'pending')
  assert.equal(service.get(id).agents.get(slow)!.state, 'lost')

  const [again] = runs(service.beat(id, other, { ...nothing, wants: 1 }).orders)
  assert.deepEqual(at(again), { trial: 0, attempt: 2 })
  assert.equal(again.run, `${id}-0-2`)
  assert.deepEqual(again.parameters, first.parameters)
  // The slow one speaks up: it is told to stop, and what it says counts for nothing.
  const late = service.beat(id, slow, { running: [at(first)], ended: [], wants: 0 })
  assert.equal(late.orders[0].type, 'stop')
  service.beat(id, slow, { running: [], ended: [{ ...at(first), exitCode: 0, value: -1 }], wants: 1 })
  assert.equal(service.get(id).trials[0].state, 'running')
  assert.equal(service.get(id).trials[0].metric, undefined)
  service.beat(id, other, { running: [], ended: [{ ...at(again), exitCode: 0 }], wants: 1 })
  assert.equal(service.get(id).record.state, 'finished')
  assert.equal(service.get(id).agents.get(slow)!.finished, 0)
})

test('retries follow the policy: so many for failures, so many for lost agents', (t) => {
  const { service, clock, agent } = setUp(t)
  const { id } = service.create({ configuration: `${RANDOM}run_cap: 1\nretry: {failed: 1, crashed: 1}` })
  const fails = (name: string) => {
    const [order] = runs(service.beat(id, name, { ...nothing, wants: 1 }).orders)
    service.beat(id, name, { ...nothing, ended: [{ ...at(order), exitCode: 3, message: 'boom' }] })
  }
  fails(agent(id))
  assert.equal(service.get(id).trials[0].state, 'pending')
  assert.equal(service.get(id).trials[0].reason, 'boom')
  service.beat(id, agent(id), { ...nothing, wants: 1 })
  clock.time += 31
  service.tick()
  assert.equal(service.get(id).trials[0].state, 'pending')
  const last = agent(id)
  service.beat(id, last, { ...nothing, wants: 1 })
  clock.time += 31
  service.tick()
  assert.equal(service.get(id).trials[0].state, 'crashed')
  assert.equal(service.get(id).trials[0].attempt, 3)
  const { orders } = service.beat(id, last, { ...nothing, wants: 1 })
  assert.deepEqual(orders, [{ type: 'exit', reason: 'the sweep is failed' }])
  assert.match(sweepDetail(service.get(id)).problems[0], /None of the 1 trials finished/)
})

test('an agent that fails again and again is paused, and a person may resume it', (t) => {
  const { service, clock, agent } = setUp(t)
  const { id } = service.create({ configuration: `${RANDOM}run_cap: 40` })
  const play = (name: string, exitCode: number) => {
    const { orders, state } = service.beat(id, name, { ...nothing, wants: 1 })
    const [order] = runs(orders)
    if (order) service.beat(id, name, { ...nothing, ended: [{ ...at(order), exitCode, message: 'no such file' }] })
    return state
  }
  const early = agent(id)
  for (let trial = 0; trial < 3; trial++) play(early, 1)
  assert.equal(play(early, 1), 'paused')
  assert.match(
    service.get(id).agents.get(early)!.reason!,
    /first 3 trials failed within 60 seconds; the last one: no such file/,
  )

  const late = agent(id)
  play(late, 0)
  clock.time += 100
  for (let trial = 0; trial < 5; trial++) assert.equal(play(late, 1), 'active')
  assert.equal(play(late, 1), 'paused')
  assert.match(service.get(id).agents.get(late)!.reason!, /5 trials in a row failed/)
  service.commandAgent(id, late, 'resume')
  assert.equal(play(late, 0), 'active')
})

test('pause, resume, stop and cancel', (t) => {
  const { service, agent } = setUp(t)
  const { id } = service.create({ configuration: `${RANDOM}run_cap: 40` })
  const one = agent(id)
  const [order] = runs(service.beat(id, one, { ...nothing, wants: 1 }).orders)
  service.commandSweep(id, 'pause')
  assert.deepEqual(service.beat(id, one, { ...nothing, running: [at(order)], wants: 1 }).orders, [])
  service.commandSweep(id, 'resume')
  const [more] = runs(service.beat(id, one, { ...nothing, running: [at(order)], wants: 1 }).orders)
  service.beat(id, one, { ...nothing, running: [at(order)], ended: [{ ...at(more), exitCode: 0 }] })

  service.commandAgent(id, one, 'pause')
  assert.equal(service.beat(id, one, { ...nothing, running: [at(order)], wants: 1 }).state, 'paused')
  const other = agent(id)
  const [its] = runs(service.beat(id, other, { ...nothing, wants: 1 }).orders)
  service.commandAgent(id, other, 'stop')
  const told = service.beat(id, other, { ...nothing, running: [at(its)] }).orders
  assert.deepEqual(told, [{ type: 'stop', ...at(its), reason: 'its agent was stopped', urgent: false }])
  const gone = service.beat(id, other, { ...nothing, ended: [{ ...at(its), exitCode: null }] })
  assert.equal(gone.orders[0].type, 'exit')
  assert.equal(service.get(id).trials[its.trial].state, 'stopped')

  service.commandSweep(id, 'cancel')
  const cancelled = service.beat(id, one, { ...nothing, running: [at(order)] }).orders
  assert.deepEqual(cancelled, [{ type: 'stop', ...at(order), reason: 'the sweep was cancelled', urgent: true }])
  const exit = service.beat(id, one, { ...nothing, ended: [{ ...at(order), exitCode: null }] }).orders
  assert.deepEqual(
    exit.map(({ type }) => type),
    ['exit'],
  )
  assert.equal(service.get(id).record.state, 'stopped')
})

test('after a new start everything is there, and a running trial keeps its agent', (t) => {
  const world = setUp(t)
  const { id } = world.service.create({ configuration: `${RANDOM}run_cap: 3\nseed: 9\nname: mine`, folder: '/tmp' })
  const one = world.agent(id)
  const [first] = runs(world.service.beat(id, one, { ...nothing, wants: 1 }).orders)
  const [second] = runs(
    world.service.beat(id, one, { running: [], ended: [{ ...at(first), exitCode: 0, value: 0.5 }], wants: 1 }).orders,
  )
  const before = JSON.stringify(trialsOf(world.service.get(id), {}))
  world.restart()
  assert.equal(JSON.stringify(trialsOf(world.service.get(id), {})), before)
  assert.equal(world.service.list('default')[0].record.name, 'mine')
  world.service.tick()
  assert.equal(world.service.get(id).trials[1].state, 'running')
  const [third] = runs(
    world.service.beat(id, one, { running: [], ended: [{ ...at(second), exitCode: 0 }], wants: 1 }).orders,
  )
  assert.equal(third.trial, 2)
})

test('only one process keeps the sweeps of a folder', (t) => {
  const { dir } = setUp(t)
  assert.throws(() => new SweepDatabase(join(dir, 'sweeps.sqlite')), SweepsBusyError)
})

test('what cannot be read is refused, and nothing is made of it', (t) => {
  const { service } = setUp(t)
  assert.throws(() => service.create({ configuration: 'method: gird' }), /sweep.yaml:1:9.*did you mean "grid"/)
  assert.equal(service.list().length, 0)
  assert.throws(() => service.get('nope'), UnknownSweepError)
  const { id } = service.create({ configuration: RANDOM })
  assert.throws(() => service.beat(id, 'nobody', nothing), UnknownSweepError)
})

test('a write that fails leaves nothing in memory that is not on the disk', (t) => {
  const { service, agent } = setUp(t)
  const { id } = service.create({ configuration: `${RANDOM}run_cap: 5` })
  const one = agent(id)
  const live = service.get(id)
  live.saveTrial = () => {
    throw new Error('disk full')
  }
  assert.throws(() => service.beat(id, one, { ...nothing, wants: 1 }), /disk full/)
  assert.equal(service.get(id).trials.length, 0)
  assert.equal(runs(service.beat(id, one, { ...nothing, wants: 1 }).orders)[0].trial, 0)
})

const METRIC = `${RANDOM}metric: {name: loss, goal: minimize}\n`

test('a trial is known by its run: metric, early stopping, and an end that its agent could not tell', async (t) => {
  const { service, clock, agent, dir } = setUp(t)
  const stopping = 'early_terminate: {type: hyperband, min_iter: 2, eta: 3}\nrun_cap: 3\n'
  const { id } = service.create({ configuration: METRIC + stopping })
  const one = agent(id)
  const run = async (order: Run, losses: number[]) => {
    const logged = await init({ dir, project: 'default', id: order.run, capture: false })
    for (const loss of losses) logged.log({ loss, other: 1 })
    return logged
  }
  const [good] = runs(service.beat(id, one, { ...nothing, wants: 1 }).orders)
  await (await run(good, [0.9, 0.2, 0.4])).finish()
  const [bad] = runs(service.beat(id, one, { running: [], ended: [{ ...at(good), exitCode: 0 }], wants: 1 }).orders)
  assert.deepEqual(service.get(id).trials[0].metric, { minimum: 0.2, maximum: 0.9, last: 0.4 })
  assert.equal(service.get(id).trials[0].logged, 3)

  const running = await run(bad, [0.9, 0.8])
  const until = Date.now() + 5000
  let orders: AgentOrder[] = []
  while (orders.length === 0 && Date.now() < until) {
    orders = service.beat(id, one, { ...nothing, running: [at(bad)] }).orders
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  assert.deepEqual(orders, [
    { type: 'stop', ...at(bad), reason: 'stopped early: 0.8 after 2 values, where 0.2 was asked for', urgent: false },
  ])
  while (!running.stopRequested && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 50))
  assert.ok(running.stopRequested, 'the run was told')
  await running.finish()
  const [third] = runs(service.beat(id, one, { running: [], ended: [{ ...at(bad), exitCode: 0 }], wants: 1 }).orders)
  assert.equal(service.get(id).trials[1].state, 'pruned')

  await (await run(third, [0.1])).finish()
  clock.time += 60
  service.tick()
  assert.equal(service.get(id).trials[2].state, 'finished')
  assert.equal(service.get(id).trials[2].metric!.last, 0.1)
  const detail = sweepDetail(service.get(id))
  assert.deepEqual(detail.best, { trial: 2, run: `${id}-2`, value: 0.1 })
  assert.deepEqual(detail.trials, { finished: 2, pruned: 1 })
})

test('a metric that no trial logs is named after the first one, with those that there are; one that is never finite too', async (t) => {
  const { service, agent, dir } = setUp(t)
  const problems = async (metrics: { [name: string]: number }) => {
    const { id } = service.create({ configuration: `${METRIC}run_cap: 3` })
    const one = agent(id)
    const [order] = runs(service.beat(id, one, { ...nothing, wants: 1 }).orders)
    const run = await init({ dir, project: 'default', id: order.run, capture: false })
    run.log(metrics)
    await run.finish()
    service.beat(id, one, { running: [], ended: [{ ...at(order), exitCode: 0 }], wants: 1 })
    return service.get(id).record.problems
  }
  assert.deepEqual(await problems({ 'val/loss': 1, accuracy: 0.5 }), [
    'Trial 0 finished without a value of "loss"; what it logged: accuracy, val/loss.',
  ])
  assert.deepEqual(await problems({ loss: Number.NaN, accuracy: 0.5 }), [
    'Trial 0 finished, but "loss" was never a finite number in it, so there is nothing to compare.',
  ])
})

test('a sweep as the page sees it', (t) => {
  const { service, agent } = setUp(t)
  const configuration = `${METRIC}run_cap: 9
repeat: {count: 2}
`.replace(
    'depth: {values: [1, 2]}',
    'depth: {values: [1, 2], probabilities: [0.5, 0.5]}, c: {value: x}, n: {parameters: {w: {min: 1, max: 9}}}',
  )
  const { id } = service.create({ configuration })
  const one = agent(id)
  service.beat(id, one, { ...nothing, wants: 2 })
  service.beat(id, one, {
    running: [{ trial: 1, attempt: 1 }],
    ended: [{ trial: 0, attempt: 1, exitCode: 0, value: 0.25 }],
    wants: 0,
  })
  const detail = sweepDetail(service.get(id))
  assert.deepEqual(detail.parameters, [
    { name: 'c', kind: 'constant', distribution: 'constant', min: null, max: null, values: ['x'], log: false },
    {
      name: 'depth',
      kind: 'categorical',
      distribution: 'categorical_w_probabilities',
      min: null,
      max: null,
      values: [1, 2],
      log: false,
    },
    { name: 'lr', kind: 'continuous', distribution: 'uniform', min: 0.1, max: 1, values: null, log: false },
    { name: 'n.w', kind: 'integer', distribution: 'int_uniform', min: 1, max: 9, values: null, log: false },
  ])
  assert.equal(detail.state, 'running')
  assert.equal(detail.agentList[0].trial, 1)
  assert.deepEqual(detail.best, { trial: 0, run: `${id}-0`, value: 0.25 })
  assert.equal((detail.config.metric as { name: string }).name, 'loss')
  assert.equal(detail.text, configuration)
  assert.equal(detail.bestCommand, null, 'no program is named')
  const { trials } = trialsOf(service.get(id), { sort: { column: 'params.seed', descending: true } })
  assert.deepEqual(
    trials.map(({ params }) => params.seed),
    [1, 0],
  )
  assert.equal(trials[0].params['n.w'], trials[1].params['n.w'])
  assert.equal(trialsOf(service.get(id), { states: ['finished'] }).total, 1)
})

test('asking and telling, kept, a thousand times a second and more', (t) => {
  const { service, agent } = setUp(t)
  const count = 2000
  const { id } = service.create({ configuration: `${RANDOM}run_cap: ${count}` })
  const one = agent(id)
  // The best quarter counts: the others may have had to wait for a processor that somebody else had.
  const rates: number[] = []
  let start = performance.now()
  let ended: AgentBeat['ended'] = []
  for (let told = 1; ; told++) {
    const [order] = runs(service.beat(id, one, { running: [], ended, wants: 1 }).orders)
    if (!order) break
    ended = [{ ...at(order), exitCode: 0, value: 1 }]
    if (told % (count / 4) > 0) continue
    rates.push(count / 4 / ((performance.now() - start) / 1000))
    start = performance.now()
  }
  const rate = Math.max(...rates)
  t.diagnostic(`${rate.toFixed(0)} trials a second asked for, told and kept`)
  assert.equal(service.get(id).trials.filter(({ state }) => state === 'finished').length, count)
  assert.ok(rate > 1000, `${rate.toFixed(0)} a second`)
})
