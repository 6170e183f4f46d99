/** What an update of a run brought. */
import type { LogRecord } from '../log/records.ts'

export type Change = 'created' | 'meta' | 'config' | 'summary' | 'series' | 'system' | 'media' | 'console' | 'files'
export type RunState = 'running' | 'finished' | 'failed' | 'crashed' | 'stopped'

export interface Changes {
  kinds: Set<Change>
  keys: Set<string>
  alerts: Extract<LogRecord, { type: 'alert' }>[]
  artifacts: Set<string>
}

export const noChanges = (): Changes => ({ kinds: new Set(), keys: new Set(), alerts: [], artifacts: new Set() })
