/** One endpoint of the API, described once: the server checks by it, the client is typed by it, the OpenAPI document is made of it. */
import type * as v from 'valibot'

type Schema = v.GenericSchema<unknown, unknown>

/** The description of an endpoint: address, and schemas of what goes in and out. */
export interface Endpoint<
  Body extends Schema | undefined = Schema | undefined,
  Query extends Schema | undefined = Schema | undefined,
  Answer extends Schema | undefined = Schema | undefined,
> {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** `:name` stands for a parameter; every one is a URI component. */
  path: string
  /** What it does, for the OpenAPI document. */
  summary: string
  tag: string
  /** Schema of the JSON body. Default: there is none, unless `bodyType` says which. */
  body?: Body
  /** Schema of the part of the address after `?`. Default: there is none. */
  query?: Query
  /** Without one the answer is no JSON: `contentType` says what. */
  answer?: Answer
  /** Media type of an answer that is no JSON. Default `application/octet-stream`. */
  contentType?: string
  /** Media type of a request body that is no JSON. */
  bodyType?: string
}

/** Describes an endpoint, with its types kept. */
export const endpoint = <
  const Path extends string,
  Body extends Schema | undefined = undefined,
  Query extends Schema | undefined = undefined,
  Answer extends Schema | undefined = undefined,
>(
  description: Endpoint<Body, Query, Answer> & { path: Path },
): Endpoint<Body, Query, Answer> & { path: Path } => description

/** The names behind the colons of a path. */
export type PathParameters<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | PathParameters<Rest>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never
