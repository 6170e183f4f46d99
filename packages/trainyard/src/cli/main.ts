import { runCli } from './run.ts'

// Trials of a sweep whose command is `trainyard …` start this very one.
process.env.TRAINYARD_COMMAND ??= JSON.stringify([process.execPath, ...process.execArgv, process.argv[1]])

process.exitCode = await runCli(process.argv.slice(2))
