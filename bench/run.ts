import { cpus, loadavg, release, totalmem, type } from 'node:os'
import type { Case } from './cases/case.ts'
import { measure, type Running } from './measure.ts'
import { own as ownEntry, type PeerEntry } from './peers/installed.ts'
import { startPeer } from './peers/peer.ts'
import { caseLine } from './report/console.ts'
import type { CaseReport, Report } from './report/report.ts'

async function start(entry: PeerEntry, threads: number): Promise<Running | string> {
  const command = entry.command(threads)
  if (typeof command === 'string') return command
  const peer = await startPeer(command)
  return typeof peer === 'string' ? peer : { entry, peer }
}

/**
 * Starts Trainyard and those beside it that are installed, measures the cases one after the other, and tells each line.
 *
 * @throws Error where Trainyard itself does not start.
 */
export async function run(
  chosen: readonly Case[],
  beside: readonly PeerEntry[],
  { threads, rounds }: { readonly threads: number; readonly rounds: number },
  tell: (line: string) => void,
): Promise<Report> {
  const loadBefore = loadavg()[0]
  const own = await start(ownEntry, threads)
  if (typeof own === 'string') throw new Error(`Trainyard does not start: ${own}`)
  const started = await Promise.all(
    beside
      .filter(({ variant }) => !variant || chosen.some(({ variants }) => variants))
      .map(async (entry) => ({ entry, result: await start(entry, threads) })),
  )
  const running = started.flatMap(({ result }) => (typeof result === 'string' ? [] : [result]))
  const absent = started.flatMap(({ entry, result }) =>
    typeof result === 'string' ? [[entry.name, result] as const] : [],
  )
  const closeAll = (): void => {
    for (const { peer } of [own, ...running]) peer.close()
  }
  process.once('exit', closeAll)

  const { version, hello } = own.peer
  const busy = loadBefore > 1 ? ': the machine is busy, the figures are provisional' : ''
  tell(
    `Node ${process.version}, ${threads} threads, ${hello.revectorize ? '256' : '128'}-bit vectors, load ${loadBefore.toFixed(1)}${busy}`,
  )
  for (const { entry, peer } of running) if (!entry.variant) tell(`beside: ${entry.name} ${peer.version}`)
  for (const [name, why] of absent) tell(`without ${name}: ${why}`)

  const cases: CaseReport[] = []
  for (const wanted of chosen) {
    const result = await measure(wanted, own, running, { threads, rounds })
    if ('failed' in result) {
      tell(`${wanted.name}: ${result.failed}`)
      process.exitCode = 1
      continue
    }
    cases.push(result)
    tell(caseLine(result))
  }
  process.off('exit', closeAll)
  closeAll()
  return {
    date: new Date().toISOString(),
    machine: {
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cores: cpus().length,
      memoryBytes: totalmem(),
      system: `${type()} ${release()}`,
    },
    loadBefore,
    node: process.version,
    rounds,
    threads,
    trainyard: { version, revectorize: hello.revectorize === true, flavour: String(hello.flavour) },
    peers: Object.fromEntries(running.filter(({ entry }) => !entry.variant).map((r) => [r.entry.name, r.peer.version])),
    absent: Object.fromEntries(absent),
    cases,
  }
}
