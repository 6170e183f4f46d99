const fileSystem = () => globalThis.process?.getBuiltinModule?.('node:fs')

/** Whether there is such a file. In a browser there are none. */
export function fileExists(file: string): boolean {
  return fileSystem()?.existsSync(file) ?? false
}

/** Gives a file another name, in place of a file that had it. */
export function renameIfThere(file: string, name: string): void {
  if (fileExists(file)) fileSystem()!.renameSync(file, name)
}
