/** Puts the table of endpoints and the functions that answer them together, checking what comes in. */
import type { Context, Hono } from 'hono'
import * as v from 'valibot'
import {
  type AnswerOf,
  type Endpoint,
  type EndpointName,
  endpoints,
  type JsonEndpoint,
  type PathParameters,
} from './api/index.ts'
import { failure, RequestError } from './failures.ts'

type OutputOf<S> = S extends v.GenericSchema<unknown, unknown> ? v.InferOutput<S> : never
type Endpoints = typeof endpoints

export interface Request<Name extends EndpointName> {
  params: Record<PathParameters<Endpoints[Name]['path']>, string>
  body: OutputOf<Endpoints[Name]['body']>
  query: OutputOf<Endpoints[Name]['query']>
  context: Context
}

export type JsonHandlers = {
  [Name in JsonEndpoint]: (request: Request<Name>) => AnswerOf<Name> | Promise<AnswerOf<Name>>
}
export type RawHandlers = {
  [Name in Exclude<EndpointName, JsonEndpoint>]: (request: Request<Name>) => Response | Promise<Response>
}

const MAX_JSON = 8 << 20

/** The body as bytes, read no further than allowed. */
export async function readBody(context: Context, limit: number): Promise<Uint8Array> {
  const tooLarge = () => new RequestError(413, 'too-large', `a body of more than ${limit} bytes`)
  if (Number(context.req.header('content-length') ?? 0) > limit) throw tooLarge()
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of (context.req.raw.body ?? []) as AsyncIterable<Uint8Array>) {
      size += chunk.length
      if (size > limit) throw tooLarge()
      chunks.push(chunk)
    }
  } catch (error) {
    throw error instanceof RequestError ? error : brokenOff(error)
  }
  return Buffer.concat(chunks)
}

/** Who asked went away while its body was read, which is no fault of the server. */
export const brokenOff = (error: unknown): RequestError =>
  new RequestError(400, 'bad-request', `the body broke off: ${(error as Error).message}`)

function check<S extends v.GenericSchema<unknown, unknown>>(schema: S, value: unknown, what: string): v.InferOutput<S> {
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  const issues = result.issues.slice(0, 3).map((issue) => {
    const path = issue.path?.map(({ key }) => String(key)).join('.')
    return path ? `${path}: ${issue.message}` : issue.message
  })
  throw new RequestError(400, 'bad-request', `${what}: ${issues.join('; ')}`)
}

async function jsonBody(context: Context): Promise<unknown> {
  const type = context.req.header('content-type') ?? ''
  if (!/^application\/json\b/i.test(type))
    throw new RequestError(
      415,
      'bad-request',
      `a body of type application/json is expected, got ${JSON.stringify(type.slice(0, 60))}`,
    )
  const bytes = await readBody(context, MAX_JSON)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new RequestError(400, 'bad-request', `the body is no JSON: ${(error as Error).message}`)
  }
}

function parameters(context: Context, path: string): Record<string, string> {
  const given: Record<string, string> = {}
  for (const [, name] of path.matchAll(/:(\w+)/g)) given[name] = context.req.param(name) ?? ''
  return given
}

export function respond(error: unknown, log: (message: string) => void): Response {
  const { status, body } = failure(error)
  if (status === 500) log((error as Error).stack ?? String(error))
  return Response.json(body, { status })
}

export function addRoutes(app: Hono, handlers: JsonHandlers & RawHandlers, log: (message: string) => void): void {
  for (const [name, { method, path, body, query }] of Object.entries(endpoints) as [EndpointName, Endpoint][]) {
    const handle = handlers[name] as (request: unknown) => unknown
    app.on(method, path, async (context) => {
      try {
        const answer = await handle({
          params: parameters(context, path),
          body: body ? check(body, await jsonBody(context), 'body') : undefined,
          query: query ? check(query, context.req.query(), 'query') : undefined,
          context,
        })
        return answer instanceof Response ? answer : Response.json(answer)
      } catch (error) {
        return respond(error, log)
      }
    })
  }
  app.all('/api/*', (context) =>
    Response.json(
      {
        error: { code: 'not-found', message: `there is no ${context.req.method} ${new URL(context.req.url).pathname}` },
      },
      { status: 404 },
    ),
  )
}
