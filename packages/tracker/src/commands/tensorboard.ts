/** `trainyard export tensorboard` and `trainyard import tensorboard`. */
import { resolve } from 'node:path'
import { Command } from 'commander'
import { queryRuns } from '../index/queries/runs.ts'
import { exportTensorBoard } from '../tensorboard/export.ts'
import { importTensorBoard } from '../tensorboard/import.ts'
import { type Io, printable } from './io.ts'
import { chooseProject, findRun, folderOf, withIndex } from './openIndex.ts'

/** Makes the command `export tensorboard`. */
export function exportCommand(io: Io): Command {
  const command = new Command('export').description('write runs for other programs')
  command
    .command('tensorboard <folder> [runs...]')
    .description('write TensorBoard event files, of these runs or of all of a project')
    .option('--dir <folder>', 'the folder of the runs (default: $TRAINYARD_DIR, else .trainyard)')
    .option('-p, --project <name>', 'the project (default: the only one)')
    .option('-w, --where <filter>', 'only runs for which this holds')
    .action(
      async (folder: string, references: string[], options: { dir?: string; project?: string; where?: string }) => {
        await withIndex(folderOf(options.dir), (index) => {
          const places = references.map((reference) => findRun(index, reference, options.project))
          if (references.length === 0) {
            const project = chooseProject(index, options.project)
            const { rows } = queryRuns(index.database, project, { where: options.where, limit: 100_000 })
            places.push(...rows.map(({ id }) => ({ project, run: id })))
          }
          for (const { project, run } of places) {
            const written = exportTensorBoard(index, project, run, resolve(folder))
            io.print(`${written.folder}: ${written.events} events`)
            if (written.missing > 0)
              io.note(`  left out ${written.missing} pictures of ${run}: their files are not in its folder`)
          }
        })
      },
    )
  return command
}

/** Makes the command `import tensorboard`. */
export function importCommand(io: Io): Command {
  const command = new Command('import').description('read runs of other programs')
  command
    .command('tensorboard <path>')
    .description('read TensorBoard event files: each folder below the path that holds some becomes a run')
    .option('--dir <folder>', 'the folder of the runs (default: $TRAINYARD_DIR, else .trainyard)')
    .option('-p, --project <name>', 'the project to put them in', 'tensorboard')
    .action((path: string, options: { dir?: string; project: string }) => {
      for (const run of importTensorBoard(resolve(path), folderOf(options.dir), options.project)) {
        io.print(`${options.project}/${run.id}  ${printable(run.name)}: ${run.events} events, ${run.scalars} scalars`)
        for (const problem of run.problems) io.note(`  ${printable(problem)}`)
      }
    })
  return command
}
