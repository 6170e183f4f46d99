/** What names and describes a run. */

export interface Labels {
  name?: string | null
  group?: string | null
  jobType?: string | null
  notes?: string | null
  tags?: readonly string[] | null
}

/**
 * Checks labels where no compiler did: a record with others could not be read again.
 * @throws TypeError that says which one is wrong.
 */
export function checkLabels(where: string, labels: Labels): void {
  for (const field of ['name', 'group', 'jobType', 'notes'] as const) {
    const value: unknown = labels[field] ?? ''
    if (typeof value !== 'string') throw new TypeError(`${where}: ${field} is a text, got a ${typeof value}`)
  }
  const tags: unknown = labels.tags ?? []
  if (!Array.isArray(tags) || !tags.every((tag) => typeof tag === 'string'))
    throw new TypeError(`${where}: tags are a list of texts, such as ['baseline'], got ${JSON.stringify(tags)}`)
}
