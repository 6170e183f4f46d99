/** The server of runs (`@trainyard/tracker/server`): apart from the SDK, so that a training program loads nothing of it. */
export { NotFoundError, RunIndex } from '../index/runIndex.ts'
export { makeApp } from './app.ts'
export { openApi } from './openapi.ts'
export { type RunningServer, type ServeOptions, serve } from './serve.ts'
export type { SweepService } from './sweepService.ts'
