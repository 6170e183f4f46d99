/** Parts of the command line (`@trainyard/tracker/commands`), as commander's commands: to be added to a program. */
export { agentCommand } from './agent.ts'
export { type SweepCommandOptions, sweepCommand } from './sweep.ts'
