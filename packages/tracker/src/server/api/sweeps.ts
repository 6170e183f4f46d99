/** Sweeps as the page sees them: the list, one sweep, its trials and agents, and the commands. */
import * as v from 'valibot'
import { Json, JsonObject, Limit, Offset, Scalar, Time } from './common.ts'

/** `finished` and `failed`: nothing is left to do, and some trial finished, or none did. */
export const SweepState = v.picklist(['pending', 'running', 'paused', 'finished', 'stopped', 'failed'])
export type SweepState = v.InferOutput<typeof SweepState>

/** `pruned`: ended early by the early-stopping rule; `crashed`: the lease ran out and no attempt is left. */
export const TrialState = v.picklist([
  'pending',
  'running',
  'paused',
  'finished',
  'pruned',
  'failed',
  'crashed',
  'stopped',
])
export type TrialState = v.InferOutput<typeof TrialState>

/** One parameter of a sweep, as the page draws it. */
export const SweepParameter = v.object({
  name: v.string(),
  kind: v.picklist(['continuous', 'integer', 'categorical', 'constant']),
  /** wandb's name, such as `log_uniform_values`. */
  distribution: v.string(),
  /** Of a continuous or integer parameter with bounds. */
  min: v.nullable(v.number()),
  max: v.nullable(v.number()),
  /** Of a categorical or constant one. */
  values: v.nullable(v.array(Scalar)),
  /** Best drawn on a logarithmic axis. */
  log: v.boolean(),
})
export type SweepParameter = v.InferOutput<typeof SweepParameter>

/** A sweep as a row of the list. */
export const SweepRow = v.object({
  id: v.string(),
  name: v.string(),
  method: v.string(),
  state: SweepState,
  metric: v.nullable(v.object({ name: v.string(), goal: v.picklist(['minimize', 'maximize']) })),
  created: Time,
  updated: Time,
  /** Trials to run in all, null without limit. */
  runCap: v.nullable(v.number()),
  trials: v.record(TrialState, v.number()),
  agents: v.number(),
  best: v.nullable(v.object({ trial: v.number(), run: v.nullable(v.string()), value: v.number() })),
})
export type SweepRow = v.InferOutput<typeof SweepRow>

/** The sweeps of a project. */
export const Sweeps = v.object({ sweeps: v.array(SweepRow) })
export type Sweeps = v.InferOutput<typeof Sweeps>

/** A process that runs trials. */
export const Agent = v.object({
  id: v.string(),
  host: v.string(),
  pid: v.nullable(v.number()),
  /** `lost`: no heartbeat. A paused agent finishes its trial and takes no other. */
  state: v.picklist(['active', 'paused', 'stopped', 'lost']),
  /** Why it was paused, such as five failures in a row. */
  reason: v.nullable(v.string()),
  trial: v.nullable(v.number()),
  started: Time,
  heartbeat: Time,
  finished: v.number(),
  failed: v.number(),
})
export type Agent = v.InferOutput<typeof Agent>

/** Everything about one sweep but its trials. */
export const SweepDetail = v.object({
  ...SweepRow.entries,
  /** As it was written, in wandb's form. */
  config: JsonObject,
  /** Word for word: YAML or JSON. */
  text: v.string(),
  /** The command line of the best trial, to run it again. */
  bestCommand: v.nullable(v.string()),
  /** Where it was made, and its programs start on that machine; null where a program gave it to the server. */
  folder: v.nullable(v.string()),
  parameters: v.array(SweepParameter),
  agentList: v.array(Agent),
  /** What a person should know, such as: no run logged the metric. */
  problems: v.array(v.string()),
})
export type SweepDetail = v.InferOutput<typeof SweepDetail>

/** Which trials are wanted, in which order. */
export const TrialsQuery = v.object({
  states: v.optional(v.array(TrialState)),
  /** A parameter (`params.lr`), or a field of {@link Trial}. Default: `id`. */
  sort: v.optional(v.object({ column: v.string(), descending: v.optional(v.boolean(), false) })),
  offset: v.optional(Offset, 0),
  limit: v.optional(Limit, 100_000),
})
export type TrialsQuery = v.InferInput<typeof TrialsQuery>

/** One trial of a sweep, and what has become of it. */
export const Trial = v.object({
  /** Counted from 0 within the sweep. */
  id: v.number(),
  /** Trial parameters and metrics of the run come from `queryRunColumns` with `where: sweep == "ID"`. */
  run: v.nullable(v.string()),
  state: TrialState,
  /** From 1. */
  attempt: v.number(),
  params: v.record(v.string(), Json),
  /** The sweep's metric: the final one, or the latest while it runs. */
  value: v.nullable(v.number()),
  /** How often the metric was logged. */
  iterations: v.number(),
  agent: v.nullable(v.string()),
  created: Time,
  started: v.nullable(Time),
  ended: v.nullable(Time),
  /** Why it ended, where that was not by itself. */
  reason: v.nullable(v.string()),
})
export type Trial = v.InferOutput<typeof Trial>

/** A page of trials. */
export const Trials = v.object({ total: v.number(), trials: v.array(Trial) })
export type Trials = v.InferOutput<typeof Trials>

/** `pause`: no new trials; `resume`; `stop`: running trials end, and no new ones; `cancel`: running trials are killed. */
export const SweepCommand = v.strictObject({ command: v.picklist(['pause', 'resume', 'stop', 'cancel']) })
export type SweepCommand = v.InferInput<typeof SweepCommand>

/** What a person may tell one agent. */
export const AgentCommand = v.strictObject({ command: v.picklist(['pause', 'resume', 'stop']) })
export type AgentCommand = v.InferInput<typeof AgentCommand>
