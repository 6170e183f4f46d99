import { TrainyardError } from '@trainyard/core'
import type { EpochRecord } from '../history.ts'

/** Where a training stands, beside weights and optimizer: what a checkpoint needs to continue it. */
export interface ProgressState {
  /** Epochs that are complete. */
  epoch: number
  step: number
  /** Batches of the epoch after `epoch` that are done. */
  batch: number
  /** Samples of that epoch that are done, and the sum of their losses. */
  samples: number
  lossSum: number
  history: EpochRecord[]
}

export function freshProgress(): ProgressState {
  return { epoch: 0, step: 0, batch: 0, samples: 0, lossSum: 0, history: [] }
}

/** Checks what was read from a file. */
export function checkProgress(value: unknown, file: string): ProgressState {
  const state = value as Partial<ProgressState> | null
  const counts = [state?.epoch, state?.step, state?.batch, state?.samples]
  const whole = counts.every((count) => Number.isInteger(count) && (count as number) >= 0)
  if (!whole || typeof state?.lossSum !== 'number' || !Array.isArray(state.history)) {
    throw new TrainyardError(`Trainer: ${file} was not saved by a Trainer: it does not say where the training stood`)
  }
  return state as ProgressState
}
