/** How agents speak to the server: they register, then beat; each beat tells what ended, keeps leases alive and asks for more. */
import * as v from 'valibot'
import { JsonObject } from './common.ts'

/** A sweep from the text of a file, YAML or JSON by wandb's schema. */
export const SweepCreate = v.strictObject({
  configuration: v.pipe(v.string(), v.maxLength(1_000_000)),
  /** The file's name, for messages. */
  file: v.optional(v.string(), 'sweep.yaml'),
  /** Where the program is to be started on this machine; agents elsewhere start it in their own current folder. */
  folder: v.optional(v.string()),
})
export type SweepCreate = v.InferInput<typeof SweepCreate>

/** The id of a sweep that was made, and what a person should know of its configuration. */
export const SweepCreated = v.object({ id: v.string(), notices: v.array(v.string()) })
export type SweepCreated = v.InferOutput<typeof SweepCreated>

/** An agent says who it is. */
export const AgentRegister = v.strictObject({
  host: v.pipe(v.string(), v.minLength(1), v.maxLength(255)),
  pid: v.optional(v.number()),
  /** Seconds without a beat that it may need, being busy itself with its trial. Default: the server's lease. */
  lease: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(86_400))),
})
export type AgentRegister = v.InferInput<typeof AgentRegister>

/** What an agent needs to start trials. */
export const AgentRegistered = v.object({
  agent: v.string(),
  /** Seconds without a beat after which its trials are given to others. */
  lease: v.number(),
  project: v.string(),
  program: v.optional(v.string()),
  command: v.array(v.string()),
  folder: v.optional(v.string()),
})
export type AgentRegistered = v.InferOutput<typeof AgentRegistered>

const attempt = { trial: v.number(), attempt: v.number() }

/** How a trial ended. Sent until it is answered: a second time changes nothing. */
export const TrialEnd = v.strictObject({
  ...attempt,
  /** 0 is success; null where a signal ended it. */
  exitCode: v.nullable(v.number()),
  /** The metric, where the program gave it back instead of logging it. */
  value: v.optional(v.number()),
  /** Its agent ended it, being ended itself: it is tried again, without counting as a failure. */
  interrupted: v.optional(v.boolean()),
  /** For people: what went wrong. */
  message: v.optional(v.pipe(v.string(), v.maxLength(5000))),
})
export type TrialEnd = v.InferInput<typeof TrialEnd>

/** What an agent tells, a few times a minute or as soon as a trial ends. */
export const AgentBeat = v.strictObject({
  running: v.array(v.strictObject(attempt)),
  ended: v.array(TrialEnd),
  /** How many further trials it would take now. */
  wants: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1000)),
  /** It goes, and this is its last beat. */
  leaving: v.optional(v.boolean()),
})
export type AgentBeat = v.InferInput<typeof AgentBeat>

/** One thing that an agent is to do. */
export const AgentOrder = v.variant('type', [
  v.object({
    type: v.literal('run'),
    ...attempt,
    run: v.string(),
    parameters: JsonObject,
    /** The trial it goes on from, and that trial's run, whose checkpoint it is to load. */
    continues: v.optional(v.object({ trial: v.number(), run: v.string() })),
    /** After how many values of the metric it is to end by itself. */
    iterations: v.optional(v.number()),
    /** The group of its run: repetitions of one configuration belong together. */
    group: v.optional(v.string()),
    /** How many agents share this machine: its cores are divided by it. */
    agentsOnHost: v.number(),
  }),
  /** `urgent`: at once; else after a moment in which the program may end by itself. */
  v.object({ type: v.literal('stop'), ...attempt, reason: v.string(), urgent: v.boolean() }),
  /** Nothing is left to do. */
  v.object({ type: v.literal('exit'), reason: v.string() }),
])
export type AgentOrder = v.InferOutput<typeof AgentOrder>

/** The answer to a beat. */
export const AgentOrders = v.object({
  state: v.picklist(['active', 'paused', 'stopped', 'lost']),
  reason: v.nullable(v.string()),
  orders: v.array(AgentOrder),
})
export type AgentOrders = v.InferOutput<typeof AgentOrders>
