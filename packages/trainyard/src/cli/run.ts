import { CommanderError } from 'commander'
import { describeError } from './errors.ts'
import { createProgram } from './program.ts'

/** Nothing went wrong; something went wrong; the command line made no sense; somebody pressed Ctrl-C. */
export const ExitCode = { success: 0, failure: 1, usage: 2, interrupted: 130 } as const

/**
 * Runs the command line.
 *
 * @param words What stands behind `trainyard`.
 * @returns The exit code; whatever there is to say has been written.
 */
export async function runCli(words: readonly string[]): Promise<number> {
  // `trainyard … | head` ends when head does, without a stack trace.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(ExitCode.success)
    throw error
  })
  try {
    const program = await createProgram(words[0])
    await program.parseAsync(words, { from: 'user' })
    // A command can fail without anything to throw, having said why: a sweep all of whose agents were paused.
    return Number(process.exitCode ?? ExitCode.success)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.success : ExitCode.usage
    process.stderr.write(`trainyard: ${describeError(error)}\n`)
    return error instanceof Error && error.name === 'Interrupted' ? ExitCode.interrupted : ExitCode.failure
  }
}
