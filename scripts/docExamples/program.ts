import { type Example, exportedTypes, freeNames } from './extract.ts'

/** Where names may come from: a module, by what it is imported as and by where its source is. */
export interface Source {
  readonly specifier: string
  readonly file: string
  readonly exports: object
}

/**
 * Makes an example a module: imports what it uses from the first source that has it, and hands what `console.log` prints
 * beside a comment to `__shown`, with the comment.
 */
export function programOf({ code }: Example, sources: readonly Source[]): string {
  const wanted = freeNames(code)
  const imports: string[] = []
  for (const { specifier, file, exports } of sources) {
    const types = exportedTypes(file)
    const values = [...wanted].filter((name) => Object.hasOwn(exports, name))
    const typesOnly = [...wanted]
      .filter((name) => !values.includes(name) && types.has(name))
      .map((name) => `type ${name}`)
    for (const name of wanted) if (values.includes(name) || types.has(name)) wanted.delete(name)
    if (values.length + typesOnly.length > 0) {
      imports.push(`import { ${[...values, ...typesOnly].join(', ')} } from '${specifier}'`)
    }
  }
  const shown = code.replace(
    /console\.log\((.*)\)(?:\n?[ \t]*\/\/ (.*))?$/gm,
    (_, values: string, comment: string | undefined) => `__shown([${values}], ${JSON.stringify(comment ?? null)})`,
  )
  return [
    ...imports,
    'declare const __shown: (values: unknown[], comment: string | null) => void',
    shown,
    'export {}',
  ].join('\n')
}
