/** The OpenAPI document, made from the table of endpoints. */
import type * as v from 'valibot'
import { version } from '../version.ts'
import { ApiError, type Endpoint, endpoints, ServerEvent } from './api/index.ts'
import { jsonSchema } from './jsonSchema.ts'

type JsonValue = { [key: string]: unknown }

const content = (type: string, schema: JsonValue) => ({ content: { [type]: { schema } } })

function operation(
  name: string,
  { path, summary, tag, body, query, answer, contentType, bodyType }: Endpoint,
): JsonValue {
  const parameters: JsonValue[] = Array.from(path.matchAll(/:(\w+)/g), ([, parameter]) => ({
    name: parameter,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  if (query) {
    const { properties, required = [] } = jsonSchema(query) as {
      properties: { [name: string]: JsonValue }
      required?: string[]
    }
    for (const [key, schema] of Object.entries(properties))
      parameters.push({ name: key, in: 'query', required: required.includes(key), schema })
  }
  const requestBody = body
    ? content('application/json', jsonSchema(body))
    : bodyType
      ? content(bodyType, { type: 'string', format: 'binary' })
      : null
  return {
    operationId: name,
    summary,
    tags: [tag],
    parameters,
    ...(requestBody ? { requestBody: { required: true, ...requestBody } } : {}),
    responses: {
      200: {
        description: 'Success',
        ...(answer
          ? content('application/json', jsonSchema(answer))
          : content(contentType ?? 'application/octet-stream', { type: 'string', format: 'binary' })),
      },
      default: {
        description: 'What went wrong',
        ...content('application/json', { $ref: '#/components/schemas/Error' }),
      },
    },
  }
}

/** The OpenAPI 3.1 document of the API, made from the table of endpoints. */
export function openApi(): JsonValue {
  const paths: { [path: string]: { [method: string]: JsonValue } } = {}
  for (const [name, endpoint] of Object.entries(endpoints) as [string, Endpoint][]) {
    const path = endpoint.path.replace(/:(\w+)/g, '{$1}')
    ;(paths[path] ??= {})[endpoint.method.toLowerCase()] = operation(name, endpoint)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Trainyard',
      version,
      description:
        'The API between the Trainyard server and its page. Errors are answered by a status of 400 or above with an Error. Events come from /api/events as server-sent events whose data is an Event.',
    },
    paths,
    components: {
      schemas: { Error: jsonSchema(ApiError), Event: jsonSchema(ServerEvent as v.GenericSchema) },
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
  }
}
