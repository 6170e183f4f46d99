import { ApiFailure, createClient } from '../../server/api/client.ts'
import { serverOf } from '../../server/folderLock.ts'
import { TrialService, UnknownSweepError } from '../trials/trialService.ts'
import { directHost, httpHost, type SweepHost } from './host.ts'

export interface FindHostOptions {
  /** The tracker's folder. */
  readonly dir: string
  /** A server's address; without one, the server of the folder is looked for. */
  readonly url?: string
  readonly token?: string
  readonly project?: string
  /** A sweep that has to be there: its project is found by it. */
  readonly sweep?: string
}

/** Who owns the sweeps of a folder, or of a server elsewhere. */
export interface FoundHost {
  readonly host: SweepHost
  /** The project of the sweep that was asked for, or that a new one is to be in. */
  readonly project: string
  /** Where runs are sent to, if not just written to the folder. */
  readonly sendTo?: { readonly url: string; readonly token?: string }
  /** The server's address, if there is a server. */
  readonly url?: string
  close(): void
}

/**
 * Finds who owns the sweeps: the server that was named, else the one of the folder, else this process itself.
 *
 * @throws UnknownSweepError where the sweep that was asked for is not there.
 */
export async function findHost({ dir, url, token, project, sweep }: FindHostOptions): Promise<FoundHost> {
  const local = serverOf(dir)
  const address = url?.replace(/\/+$/, '')
  if (address !== undefined || local) {
    const server = address === undefined ? local! : { url: address, token: token ?? process.env.TRAINYARD_TOKEN }
    const client = createClient({ base: server.url, token: server.token })
    const known = project ?? (sweep === undefined ? 'default' : await projectOf(client, sweep, server.url))
    return {
      host: httpHost(server.url, known, server.token),
      project: known,
      sendTo: address === undefined || address === local?.url ? undefined : server,
      url: server.url,
      close: () => {},
    }
  }
  const service = new TrialService({ dir })
  const timer = setInterval(() => service.tick(), 500)
  timer.unref()
  const close = () => {
    clearInterval(timer)
    service.close()
  }
  try {
    const known = sweep === undefined ? (project ?? 'default') : service.get(sweep).record.project
    return { host: directHost(service, known), project: known, close }
  } catch (error) {
    close()
    throw error
  }
}

async function projectOf(client: ReturnType<typeof createClient>, sweep: string, url: string): Promise<string> {
  try {
    return (await client.call('findSweep', { sweep })).project
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 404)
      throw new UnknownSweepError(`the server at ${url} has no sweep "${sweep}"`)
    if (error instanceof ApiFailure && error.status === 401)
      throw new Error(`the server at ${url} asks for its token: give it by --token or $TRAINYARD_TOKEN`, {
        cause: error,
      })
    if (error instanceof ApiFailure) throw error
    throw new Error(`the server at ${url} does not answer: ${(error as Error).message}`, { cause: error })
  }
}
