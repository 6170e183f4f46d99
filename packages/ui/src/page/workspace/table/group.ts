/** How a group of runs is called, and what its cells say. */
import type { Aggregate, ColumnId, Scalar } from '@trainyard/tracker/api'
import { number } from '../../format/number.ts'
import { ago } from '../../format/time.ts'
import { cell, splitColumn } from './columns.ts'

/** `sgd · batchSize 40`: words speak for themselves, numbers need their name. */
export function groupLabel(key: readonly Scalar[], by: readonly ColumnId[]): string {
  return by
    .map((column, i) => {
      const value = key[i]
      const name = splitColumn(column).key.split(/[./]/).at(-1)
      if (value === null) return `no ${name}`
      return typeof value === 'string' && Number.isNaN(Number(value)) ? value : `${name} ${cell(column, value)}`
    })
    .join(' · ')
}

export interface GroupCell {
  text: string
  /** How far the runs of the group are apart. */
  spread: string
  title: string
}

const nothing: GroupCell = { text: '', spread: '', title: '' }

export function groupCell(column: ColumnId, value: Aggregate | undefined, now: number): GroupCell {
  if (!value) return nothing
  if (column === 'created' || column === 'updated')
    return value.max === null
      ? nothing
      : { text: ago(value.max, now), spread: '', title: `newest: ${cell(column, value.max)}` }
  if (value.same !== null) return { text: cell(column, value.same), spread: '', title: '' }
  if (value.mean === null || value.min === null || value.max === null) return nothing
  const plain = column !== 'duration'
  return {
    text: cell(column, value.mean),
    spread: plain && value.min !== value.max ? `± ${number((value.max - value.min) / 2, 2)}` : '',
    title: `mean of ${value.count}, from ${cell(column, value.min)} to ${cell(column, value.max)}`,
  }
}
