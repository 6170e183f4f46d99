/** `trainyard index`: brings the index up to date, or makes it anew from the run logs. */
import { Command } from 'commander'
import type { Io } from './io.ts'
import { folderOf, withIndex } from './openIndex.ts'

/** Makes the command `index`. */
export function indexCommand(io: Io): Command {
  return new Command('index')
    .description('bring the index of runs up to date')
    .option('--dir <folder>', 'the folder of the runs (default: $TRAINYARD_DIR, else .trainyard)')
    .option('--rebuild', 'throw it away and make it anew from the run logs')
    .action(async ({ dir, rebuild = false }: { dir?: string; rebuild?: boolean }) => {
      const start = performance.now()
      await withIndex(
        folderOf(dir),
        (index) => {
          const row = index.database.get('SELECT count(*) AS runs, count(DISTINCT project) AS projects FROM run')
          const seconds = ((performance.now() - start) / 1000).toFixed(1)
          io.print(
            `${row?.runs} runs in ${row?.projects} ${row?.projects === 1 ? 'project' : 'projects'}, ${seconds} s`,
          )
        },
        { rebuild },
      )
    })
}
