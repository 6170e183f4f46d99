// biome-ignore lint/suspicious/noExplicitAny: the peers' packages are not there where the types are checked.
export type Untyped = any

/** Imports a package that only `npm install --prefix bench` brings; ends the process politely where it is missing. */
export async function optionalPackage(name: string): Promise<Untyped> {
  try {
    return await import(name)
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw error
    process.stderr.write('not installed: npm install --prefix bench\n')
    process.exit(3)
  }
}
