/** Turns what went wrong into the API's answer. */

import { FilterError } from '../index/filter/parse.ts'
import { ColumnError } from '../index/queries/cells.ts'
import { ConflictError, NotFoundError } from '../index/runIndex.ts'
import { RunBusyError } from '../store/active.ts'
import { NameError } from '../store/paths.ts'
import { SweepConfigurationError } from '../sweep/configuration/problem.ts'
import { SweepRunsError, UnknownSweepError } from '../sweep/trials/trialService.ts'
import type { ApiError } from './api/index.ts'

/** SQLite's result code where there is no room left (https://sqlite.org/rescode.html). */
const SQLITE_FULL = 13

/** A request that is refused, with its status. */
export class RequestError extends Error {
  override name = 'RequestError'
  readonly status: number
  readonly code: string
  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

export function failure(error: unknown): { status: number; body: ApiError } {
  const make = (status: number, code: string, message: string, position?: number) => ({
    status,
    body: { error: { code, message, ...(position === undefined ? {} : { position }) } },
  })
  if (error instanceof RequestError) return make(error.status, error.code, error.message)
  if (error instanceof FilterError) return make(400, 'bad-filter', error.message, error.position)
  if (error instanceof SweepConfigurationError) return make(400, 'bad-request', error.message)
  if (error instanceof UnknownSweepError) return make(404, 'not-found', error.message)
  if (error instanceof SweepRunsError) return make(409, 'conflict', error.message)
  if (error instanceof ColumnError || error instanceof NameError) return make(400, 'bad-request', error.message)
  if (error instanceof NotFoundError) return make(404, 'not-found', error.message)
  if (error instanceof ConflictError || error instanceof RunBusyError) return make(409, 'conflict', error.message)
  const { code, message, errcode } = error as NodeJS.ErrnoException & { errcode?: number }
  if (code === 'ENOSPC' || errcode === SQLITE_FULL)
    return make(
      507,
      'disk-full',
      `the server's disk is full, nothing was changed; make room and try again (${message})`,
    )
  return make(500, 'internal', message || 'something went wrong')
}
