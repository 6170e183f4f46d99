/** What a confusion matrix says besides its counts. */
export type Normalisation = 'counts' | 'truth' | 'prediction'

export interface ClassScore {
  name: string
  /** Of what was found, how much is right; null where nothing was found. */
  precision: number | null
  /** Of what is there, how much was found; null where nothing is there. */
  recall: number | null
  f1: number | null
  support: number
}

export const rowSums = (counts: readonly (readonly number[])[]): number[] =>
  counts.map((row) => row.reduce((a, b) => a + b, 0))
export const columnSums = (counts: readonly (readonly number[])[]): number[] =>
  (counts[0] ?? []).map((_, column) => counts.reduce((sum, row) => sum + row[column], 0))

/** counts[truth][prediction] → share of the whole row, of the whole column, or as it is. */
export function normalised(counts: readonly (readonly number[])[], by: Normalisation): number[][] {
  const rows = rowSums(counts)
  const columns = columnSums(counts)
  return counts.map((row, truth) =>
    row.map((count, prediction) => {
      if (by === 'counts') return count
      const sum = by === 'truth' ? rows[truth] : columns[prediction]
      return sum === 0 ? 0 : count / sum
    }),
  )
}

export function scores(classes: readonly string[], counts: readonly (readonly number[])[]): ClassScore[] {
  const rows = rowSums(counts)
  const columns = columnSums(counts)
  return classes.map((name, i) => {
    const hit = counts[i][i]
    const precision = columns[i] === 0 ? null : hit / columns[i]
    const recall = rows[i] === 0 ? null : hit / rows[i]
    const f1 = rows[i] + columns[i] === 0 ? null : (2 * hit) / (rows[i] + columns[i])
    return { name, precision, recall, f1, support: rows[i] }
  })
}

export function accuracy(counts: readonly (readonly number[])[]): number | null {
  const total = rowSums(counts).reduce((a, b) => a + b, 0)
  return total === 0 ? null : counts.reduce((sum, row, i) => sum + row[i], 0) / total
}
