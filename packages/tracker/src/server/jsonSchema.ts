/** JSON Schema of the valibot schemas that the API uses; an unknown kind is an error, so that none is forgotten. */
import type * as v from 'valibot'

type Schema = v.GenericSchema<unknown, unknown>
type JsonValue = { [key: string]: unknown }

/** A schema's own fields, which valibot keeps in the object. */
interface Inner {
  type: string
  kind: string
  entries?: { [key: string]: Schema }
  options?: readonly (Schema | string | number)[]
  items?: readonly Schema[]
  item?: Schema
  value?: Schema
  wrapped?: Schema
  literal?: unknown
  default?: unknown
  pipe?: readonly { kind: string; type: string; requirement?: unknown }[]
}

export function jsonSchema(schema: Schema): JsonValue {
  const inner = schema as unknown as Inner
  const base = plain(inner)
  for (const action of inner.pipe?.slice(1) ?? []) Object.assign(base, constraint(action))
  return base
}

function plain(schema: Inner): JsonValue {
  switch (schema.type) {
    case 'string':
      return { type: 'string' }
    case 'number':
      return { type: 'number' }
    case 'boolean':
      return { type: 'boolean' }
    case 'null':
      return { type: 'null' }
    case 'custom':
      return {}
    case 'literal':
      return { const: schema.literal }
    case 'picklist':
      return { enum: [...(schema.options ?? [])] }
    case 'array':
      return { type: 'array', items: jsonSchema(schema.item as Schema) }
    case 'tuple': {
      const items = schema.items ?? []
      return { type: 'array', prefixItems: items.map(jsonSchema), minItems: items.length, maxItems: items.length }
    }
    case 'union':
    case 'variant':
      return { anyOf: ((schema.options ?? []) as Schema[]).map(jsonSchema) }
    case 'nullable':
      return { anyOf: [jsonSchema(schema.wrapped as Schema), { type: 'null' }] }
    case 'optional': {
      const wrapped = jsonSchema(schema.wrapped as Schema)
      return schema.default === undefined ? wrapped : { ...wrapped, default: schema.default }
    }
    case 'record':
      return { type: 'object', additionalProperties: jsonSchema(schema.value as unknown as Schema) }
    case 'object':
    case 'strict_object':
    case 'loose_object':
      return objectSchema(schema)
    default:
      throw new TypeError(`no JSON Schema for valibot's ${schema.type}: add it to jsonSchema.ts`)
  }
}

function objectSchema({ type, entries = {} }: Inner): JsonValue {
  const properties: { [key: string]: JsonValue } = {}
  const required: string[] = []
  for (const [key, entry] of Object.entries(entries)) {
    properties[key] = jsonSchema(entry)
    if ((entry as unknown as Inner).type !== 'optional') required.push(key)
  }
  return {
    type: 'object',
    properties,
    ...(required.length > 0 ? { required } : {}),
    ...(type === 'strict_object' ? { additionalProperties: false } : {}),
  }
}

function constraint({ type, requirement }: { type: string; requirement?: unknown }): JsonValue {
  switch (type) {
    case 'min_length':
      return { minLength: requirement }
    case 'max_length':
      return { maxLength: requirement }
    case 'min_value':
      return { minimum: requirement }
    case 'max_value':
      return { maximum: requirement }
    case 'integer':
      return { type: 'integer' }
    case 'regex':
      return { pattern: (requirement as RegExp).source }
    case 'finite':
    case 'check':
    case 'transform':
      return {} // Cannot be said in JSON Schema; the server checks it.
    default:
      throw new TypeError(`no JSON Schema for valibot's ${type}: add it to jsonSchema.ts`)
  }
}
