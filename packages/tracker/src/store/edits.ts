/** What people change about a run: its own small log, which only the server writes. */
import { LogReader } from '../log/reader.ts'
import type { EditRecord } from '../log/records.ts'
import { LogWriter } from '../log/writer.ts'

/** @throws Error where it cannot be written. */
export function appendEdit(path: string, edit: Omit<EditRecord, 'type' | 'time'>): void {
  const reader = new LogReader(path)
  for (const _ of reader.read());
  if (reader.unreadable !== null) throw new Error(`${path} cannot be read: ${reader.unreadable}`)
  const writer = new LogWriter(path, reader.offset)
  writer.record({ type: 'edit', time: Date.now() / 1000, ...edit })
  const { failure } = writer.flush() ? { failure: null } : writer
  writer.close()
  if (failure) throw failure
}
