/**
 * The HTTP API between server and page (`@trainyard/tracker/api`): types, valibot schemas, the table of endpoints and a typed client.
 * Runs in the browser: nothing here needs Node.
 */
export * from './agents.ts'
export * from './client.ts'
export * from './common.ts'
export * from './endpoint.ts'
export * from './endpoints.ts'
export * from './events.ts'
export * from './files.ts'
export * from './ingest.ts'
export * from './layouts.ts'
export * from './media.ts'
export * from './projects.ts'
export * from './runs.ts'
export * from './series.ts'
export * from './sweeps.ts'
