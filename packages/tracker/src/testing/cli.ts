/** The commands alone, as a process: `node cli.ts sweep FILE`. */
import { Command } from 'commander'
import { agentCommand, sweepCommand } from '../commands/index.ts'

await new Command('trainyard').addCommand(sweepCommand()).addCommand(agentCommand()).parseAsync()
