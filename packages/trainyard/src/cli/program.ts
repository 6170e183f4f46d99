import type { CommandLineCheck } from '@trainyard/tracker/commands'
import { Command } from 'commander'
import { doctorCommand } from './commands/doctor.ts'
import { predictCommand } from './commands/predict.ts'
import { startCommand } from './commands/start.ts'
import { studyCommand } from './commands/study.ts'
import { summaryCommand } from './commands/summary.ts'
import { version } from './version.ts'
import { wrongWord } from './wrongWord.ts'

const own = () => [studyCommand(), predictCommand(), startCommand(), summaryCommand(), doctorCommand()]

/**
 * The command line as a whole. Commands load what they need when they run; the tracker's commands, which bring a server
 * and a database along, are only made where the first word is none of ours.
 */
export async function createProgram(firstWord: string | undefined): Promise<Command> {
  const commands = own()
  if (!commands.some((command) => command.name() === firstWord)) commands.push(...(await trackerCommands()))
  const program = new Command('trainyard')
    .description('Deep learning in TypeScript: studies, tracked runs, sweeps, and what this machine can do.')
    .version(version, '-V, --version', 'print the version')
    .addHelpText(
      'after',
      `
Examples:
  trainyard study xor                       deep against wide networks on noisy XOR
  trainyard study mnist --model both        feed-forward against convolutional
  trainyard study mnist --data fashion/     any data set in the same format
  trainyard study xray --data films/        a U-Net learns to mark lungs in chest X-rays
  trainyard summary cnn                     layers, output shapes, parameters
  trainyard ui                              look at runs in a browser
  trainyard sweep sweep.yaml                search for good settings
  trainyard doctor                          what this machine can do

Exit codes: 0 all went well, 1 something went wrong, 2 the command line was not understood, 130 interrupted.`,
    )
  for (const command of commands) program.addCommand(command)
  for (const command of withSubcommands(program)) {
    command.exitOverride().configureOutput({
      // A suggestion belongs to the error: both on one line.
      outputError: (text, write) => write(text.replace(/\n(?=\()/g, ' ')),
    })
  }
  return program
}

/** Looks at the command of a sweep's trials, where it is ours. */
export const checkCommandLine: CommandLineCheck = async (words) => wrongWord(await createProgram(words[0]), words)

async function trackerCommands(): Promise<Command[]> {
  const [tracker, page] = await Promise.all([import('@trainyard/tracker/commands'), import('./page.ts')])
  return tracker.trackerCommands({ page: page.builtPage(), commandLine: checkCommandLine })
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)]
}
