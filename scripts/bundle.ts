/** Bundles and minifies modules for browsers, in memory, as an application's bundler does: to measure them and to run them. */
import { build, type Rolldown } from 'vite'

/** The chunks and assets that entries become; what `external` matches is left out. */
export async function bundle(input: string | string[], external: RegExp[]): Promise<Rolldown.RolldownOutput['output']> {
  const { output } = (await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      target: 'esnext',
      modulePreload: false,
      rolldownOptions: { input, external, preserveEntrySignatures: 'strict' },
    },
  })) as Rolldown.RolldownOutput
  return output
}
