/** A typed client, for the page, for programs and for the command line. */
import type * as v from 'valibot'
import type { ApiError } from './common.ts'
import type { Endpoint, PathParameters } from './endpoint.ts'
import { type EndpointName, endpoints } from './endpoints.ts'

type Endpoints = typeof endpoints
type InputOf<S> = S extends v.GenericSchema<unknown, unknown> ? v.InferInput<S> : never
type OutputOf<S> = S extends v.GenericSchema<unknown, unknown> ? v.InferOutput<S> : never
/** Names of endpoints that answer with JSON. */
export type JsonEndpoint = {
  [Name in EndpointName]: Endpoints[Name] extends { answer?: infer A }
    ? [OutputOf<A>] extends [never]
      ? never
      : Name
    : never
}[EndpointName]

type BodyOf<Name extends EndpointName> = InputOf<Endpoints[Name]['body']>
/** What an endpoint answers with, by its name. */
export type AnswerOf<Name extends EndpointName> = OutputOf<Endpoints[Name]['answer']>

/** What an endpoint is asked with: the parameters of its path, its query, its body. */
export type RequestOf<Name extends EndpointName> = Record<PathParameters<Endpoints[Name]['path']>, string> & {
  query?: Record<string, string | number | undefined>
  signal?: AbortSignal
} & ([BodyOf<Name>] extends [never] ? { body?: BodyInit } : { body: BodyOf<Name> })

/** The server refused: `code`, `position` and the message are those of its answer. */
export class ApiFailure extends Error {
  readonly status: number
  readonly code: string
  readonly position: number | undefined
  constructor(status: number, body: ApiError) {
    super(body.error.message)
    this.name = 'ApiFailure'
    this.status = status
    this.code = body.error.code
    this.position = body.error.position
  }
}

/** The address of an endpoint, for links, downloads and `EventSource`. */
export function address(name: EndpointName, parameters: { [name: string]: unknown }, base = ''): string {
  const path = endpoints[name].path.replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(String(parameters[key])))
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries((parameters.query ?? {}) as Record<string, unknown>))
    if (value !== undefined) query.set(key, String(value))
  return base + path + (query.size > 0 ? `?${query}` : '')
}

/** Which server, and with which token. */
export interface ClientOptions {
  /** Such as `http://host:4747`; default: the page's own origin. */
  base?: string
  /** Sent as `Authorization: Bearer`. Default: none. */
  token?: string
  /** What asks. Default: the global `fetch`. */
  fetch?: typeof globalThis.fetch
}

/**
 * Makes a client whose `call` is typed by the endpoint's name.
 * @example
 * ```ts no-run
 * const client = createClient({ base: 'http://127.0.0.1:4747' })
 * const body = { where: 'summary.loss < 0.2', columns: ['config.lr'] }
 * const { rows } = await client.call('queryRuns', { project: 'xray', body })
 * ```
 */
export function createClient({ base = '', token, fetch = globalThis.fetch }: ClientOptions = {}) {
  return {
    address: (name: EndpointName, parameters: { [name: string]: unknown }) => address(name, parameters, base),
    async call<Name extends JsonEndpoint>(name: Name, request: RequestOf<Name>): Promise<AnswerOf<Name>> {
      const { method, bodyType } = endpoints[name] as Endpoint
      const headers: Record<string, string> = {}
      if (token) headers.authorization = `Bearer ${token}`
      let body: BodyInit | undefined
      if (request.body !== undefined) {
        headers['content-type'] = bodyType ?? 'application/json'
        body = bodyType ? (request.body as BodyInit) : JSON.stringify(request.body)
      }
      const response = await fetch(address(name, request, base), { method, headers, body, signal: request.signal })
      if (response.ok) return (await response.json()) as AnswerOf<Name>
      const text = await response.text()
      let failure: ApiError
      try {
        failure = JSON.parse(text) as ApiError
        if (typeof failure.error?.message !== 'string') throw new Error('no message')
      } catch {
        failure = { error: { code: 'internal', message: text.slice(0, 300) || `HTTP ${response.status}` } }
      }
      throw new ApiFailure(response.status, failure)
    },
  }
}

/** What `createClient` makes. */
export type Client = ReturnType<typeof createClient>
