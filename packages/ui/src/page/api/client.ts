/** The page's connection to its server. */
import { type BlobRef, createClient, type Project } from '@trainyard/tracker/api'

/** Where the page itself lies: below a proxy's path it is not the root. */
export const base = typeof location === 'undefined' ? '' : new URL('.', location.href).pathname.replace(/\/$/, '')

export const client = createClient({ base, fetch: (input, init) => globalThis.fetch(input, init) })

/** Blobs come with an address on the server. */
export const blobUrl = (blob: BlobRef): string => base + blob.url

export type { Project }
