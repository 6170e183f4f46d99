import { Command } from 'commander'
import { share, wholeNumber } from '../arguments.ts'

interface PredictFlags {
  checkpoint: string
  input: string
  out: string
  threshold: number
  size?: number
  threads?: number
  json?: true
}

export function predictCommand(): Command {
  return new Command('predict')
    .description('mark the lungs in films with a network that the study xray has trained')
    .requiredOption('--checkpoint <file>', 'best.safetensors or latest.safetensors of a training')
    .requiredOption('--input <path>', 'a PNG or JPEG, or a folder of them')
    .requiredOption('--out <dir>', 'folder of the masks, probability maps and overlays')
    .option('--threshold <share>', 'from which probability on a pixel counts as lung', share, 0.5)
    .option('--size <n>', 'sides films are brought to for the network (default: as trained)', wholeNumber(8))
    .option('--threads <n>', 'threads that compute (default: one a core)', wholeNumber(1))
    .option('--json', 'print one JSON object; remarks go to standard error')
    .addHelpText(
      'after',
      `
Examples:
  trainyard predict --checkpoint best.safetensors --input film.png --out marked/
  trainyard predict --checkpoint best.safetensors --input films/ --out marked/ --threshold 0.4`,
    )
    .action(async ({ json, ...flags }: PredictFlags) => {
      const { predictFilms } = await import('@trainyard/studies')
      const films = await predictFilms({ ...flags, note: (text) => console.error(text) })
      if (json) console.log(JSON.stringify({ films }))
      else {
        for (const { file, width, height, lungShare, overlay } of films)
          console.log(`${file} (${width} × ${height}): ${(100 * lungShare).toFixed(1)} % lung, ${overlay}`)
      }
    })
}
