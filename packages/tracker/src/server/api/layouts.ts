/** Saved workspaces of a project: the page's own JSON, kept by the server. */
import * as v from 'valibot'
import { Json, Time } from './common.ts'

/** A saved workspace without its contents. */
export const LayoutInfo = v.object({ name: v.string(), updated: Time, revision: v.number() })
export type LayoutInfo = v.InferOutput<typeof LayoutInfo>

/** A saved workspace. */
export const Layout = v.object({ ...LayoutInfo.entries, value: Json })
export type Layout = v.InferOutput<typeof Layout>

/** The saved workspaces of a project. */
export const Layouts = v.object({ layouts: v.array(LayoutInfo) })
export type Layouts = v.InferOutput<typeof Layouts>

/** At most 1 MB. With `revision` (0: must not exist yet) it is refused with 409 when somebody else saved in between. */
export const LayoutSave = v.strictObject({ value: Json, revision: v.optional(v.number()) })
export type LayoutSave = v.InferInput<typeof LayoutSave>
