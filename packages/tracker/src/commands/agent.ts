import { resolve } from 'node:path'
import { Command } from 'commander'
import { defaultDir } from '../store/paths.ts'
import { type AgentEvent, runAgent } from '../sweep/agent/agent.ts'
import { findHost } from '../sweep/agent/findHost.ts'
import { processRunner } from '../sweep/agent/processRunner.ts'
import { acting, interruption, type SweepCommandOptions, wholeNumber, withWhere } from './sweep.ts'
import { checkMade } from './sweepFile.ts'

interface AgentCommandOptions {
  dir?: string
  url?: string
  token?: string
  project?: string
  count?: number
}

/** What an agent's event says to a person; nothing, for those that only programs care about. */
function textOf(event: AgentEvent): string | undefined {
  switch (event.type) {
    case 'started':
      return `trial ${event.order.trial} (run ${event.order.run}): ${JSON.stringify(event.order.parameters)}`
    case 'ended': {
      const { exitCode, message } = event.outcome
      if (event.asked && exitCode !== 0) return `trial ${event.order.trial} has stopped`
      return `trial ${event.order.trial} ${exitCode === 0 ? 'ended well' : `failed: ${message ?? exitCode}`}`
    }
    case 'stopping':
      return `trial ${event.order.trial} is to stop: ${event.reason}`
    case 'paused':
      return `paused: ${event.reason}; resume this agent on the page of its sweep`
    case 'unreachable':
      return `the server does not answer (${event.message}); trying again`
    case 'reachable':
      return 'the server answers again'
    case 'settled':
      return undefined
  }
}

function tell(event: AgentEvent): void {
  const text = textOf(event)
  if (text !== undefined) console.log(text)
}

/**
 * `agent SWEEP`: runs trials of a sweep, here, for a server here or elsewhere.
 *
 * @example program.addCommand(agentCommand())
 */
export function agentCommand({ commandLine }: Pick<SweepCommandOptions, 'commandLine'> = {}): Command {
  const command = new Command('agent')
    .description('run trials of a sweep, one at a time, on this machine')
    .argument('<sweep>', 'its id')
    .option('--count <n>', 'run at most so many trials', wholeNumber)
  return withWhere(command).action(
    acting(async (sweep: string, options: AgentCommandOptions) => {
      const dir = resolve(options.dir ?? defaultDir())
      const found = await findHost({ ...options, dir, sweep })
      const { signal, release } = interruption()
      try {
        await checkMade(found.host, sweep, commandLine)
        const { url, token } = found.sendTo ?? {}
        const run = processRunner({ dir, url, token })
        const budget = { left: options.count ?? Number.POSITIVE_INFINITY }
        const { finished, failed, reason } = await runAgent({
          host: found.host,
          sweep,
          run,
          budget,
          signal,
          onEvent: tell,
        })
        console.log(`${finished} trials ended well, ${failed} failed; the agent goes: ${reason}`)
      } finally {
        release()
        found.close()
      }
    }),
  )
}
