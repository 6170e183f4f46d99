/** The built page, for the server to serve. */
import { fileURLToPath } from 'node:url'

/**
 * Absolute path of the folder that holds the built page: static files with relative addresses, `index.html` at its root.
 * It is there after `npm run build`.
 */
export const assets: string = fileURLToPath(new URL('../dist/page', import.meta.url))
