/** The runs of a workspace's table: flat or in groups, loaded as far as somebody looks. */
import type { ColumnId, RunGroup, RunsQuery } from '@trainyard/tracker/api'
import { client } from '../api/client.ts'
import type { SortKey } from './state.ts'
import { PagedRows } from './table/pages.ts'
import { isOwn, type TableRow, tableRows } from './table/row.ts'
import { groupId, Tree } from './table/tree.ts'

export interface TableQuery {
  where: string
  search: string
  archived: boolean
  sort: SortKey[]
  groupBy: ColumnId[]
  columns: ColumnId[]
}

export interface Group extends RunGroup {
  id: string
}

export type Item =
  | { kind: 'run'; row: TableRow | undefined; depth: number }
  | { kind: 'group'; group: Group; open: boolean }

/** Groups that are loaded at once. */
const mostGroups = 1000

export class RunList {
  /** Grows with every change of what is loaded. */
  version = $state(0)
  groups = $state.raw<Group[]>([])
  /** Runs that match, in all groups. */
  total = $state(0)
  groupTotal = $state(0)
  open = $state.raw<ReadonlySet<string>>(new Set())
  #project: () => string
  #query: TableQuery | undefined
  #flat: PagedRows<TableRow>
  #inGroups = new Map<string, PagedRows<TableRow>>()
  #groupsReady = false
  #groupsError: Error | undefined = $state.raw()
  #groupsFlying: AbortController | undefined
  #seen = { first: 0, last: 60 }

  constructor(project: () => string) {
    this.#project = project
    this.#flat = new PagedRows<TableRow>(() => this.#changed())
  }

  readonly grouped: boolean = $derived.by(() => {
    void this.version
    return (this.#query?.groupBy.length ?? 0) > 0
  })

  readonly tree: Tree = $derived(new Tree(this.groups, this.open))

  get length(): number {
    void this.version
    return this.grouped ? this.tree.length : this.#flat.total
  }

  get ready(): boolean {
    void this.version
    return this.grouped ? this.#groupsReady : this.#flat.ready
  }

  get loading(): boolean {
    void this.version
    return this.grouped ? this.#groupsFlying !== undefined : this.#flat.loading
  }

  get error(): Error | undefined {
    void this.version
    return this.grouped ? this.#groupsError : this.#flat.error
  }

  item(row: number): Item | undefined {
    void this.version
    if (!this.grouped) return { kind: 'run', row: this.#flat.get(row), depth: 0 }
    const place = this.tree.at(row)
    if (!place) return undefined
    const group = this.groups[place.group]
    if (place.kind === 'group') return { kind: 'group', group, open: this.open.has(group.id) }
    return { kind: 'run', row: this.#inGroups.get(group.id)?.get(place.index), depth: 1 }
  }

  /** Runs from the top of the flat table, as far as they are loaded. */
  leading(): Iterable<TableRow> {
    void this.version
    return this.grouped ? [] : this.#flat.leading()
  }

  /** Every run that is loaded, by id. */
  find(id: string): TableRow | undefined {
    for (const pages of [this.#flat, ...this.#inGroups.values()])
      for (const [, row] of pages.loaded()) if (row.id === id) return row
    return undefined
  }

  ask(query: TableQuery): void {
    this.#query = query
    if (query.groupBy.length > 0) {
      void this.#askGroups()
      for (const id of this.open) this.#askGroup(id)
    } else {
      this.#groupsFlying?.abort()
      this.#groupsFlying = undefined
      this.#flat.ask((offset, limit, signal) => this.#load(offset, limit, signal), 0, 60)
    }
    this.#changed()
  }

  /** Rows that somebody looks at. */
  see(first: number, last: number): void {
    this.#seen = { first, last }
    if (!this.grouped) this.#flat.want(first, last)
    else
      for (let row = first; row <= last; row++) {
        const place = this.tree.at(row)
        if (place?.kind === 'run') this.#inGroups.get(this.groups[place.group].id)?.want(place.index, place.index)
      }
  }

  refresh(): void {
    if (!this.#query) return
    if (!this.grouped) this.#flat.refresh(this.#seen.first, this.#seen.last)
    else {
      void this.#askGroups()
      for (const id of this.open) this.#inGroups.get(id)?.refresh(0, 30)
    }
    // The charts show the first runs, wherever the table is scrolled to.
    if (!this.grouped && this.#seen.first >= this.#flat.pageSize) this.#flat.want(0, 0)
  }

  toggleGroup(id: string): void {
    const open = new Set(this.open)
    if (!open.delete(id)) {
      open.add(id)
      this.#askGroup(id)
    }
    this.open = open
  }

  /** Ids of all runs that match, loaded or not. */
  async allIds(): Promise<string[]> {
    const { where, search, archived } = this.#query!
    const answer = await client.call('queryRuns', {
      project: this.#project(),
      body: { where: where || undefined, search: search || undefined, archived, limit: 100_000 },
    })
    return answer.rows.map(({ id }) => id)
  }

  close(): void {
    this.#flat.close()
    this.#groupsFlying?.abort()
    for (const pages of this.#inGroups.values()) pages.close()
  }

  #changed(): void {
    this.version++
    if (!this.grouped) this.total = this.#flat.total
  }

  async #load(offset: number, limit: number, signal: AbortSignal, group?: RunsQuery['group']) {
    const query = this.#query!
    const columns = query.columns.filter((column) => !isOwn(column))
    const { total, rows } = await client.call('queryRuns', {
      project: this.#project(),
      signal,
      body: {
        where: query.where || undefined,
        search: query.search || undefined,
        archived: query.archived,
        sort: query.sort,
        columns,
        offset,
        limit,
        group,
      },
    })
    return { total, rows: tableRows(rows, columns) }
  }

  #askGroup(id: string): void {
    const group = this.groups.find((one) => one.id === id)
    if (!group) return
    let pages = this.#inGroups.get(id)
    if (!pages) this.#inGroups.set(id, (pages = new PagedRows<TableRow>(() => this.#changed())))
    const by = this.#query!.groupBy
    pages.ask((offset, limit, signal) => this.#load(offset, limit, signal, { by, key: group.key }), 0, 30)
  }

  async #askGroups(): Promise<void> {
    this.#groupsFlying?.abort()
    const controller = new AbortController()
    this.#groupsFlying = controller
    const query = this.#query!
    try {
      const answer = await client.call('queryGroups', {
        project: this.#project(),
        signal: controller.signal,
        body: {
          where: query.where || undefined,
          search: query.search || undefined,
          archived: query.archived,
          groupBy: query.groupBy,
          columns: query.columns.filter((column) => column !== 'tags'),
          sort: query.sort.filter(({ column }) => column !== 'name' && column !== 'tags' && column !== 'state'),
          limit: mostGroups,
        },
      })
      if (this.#groupsFlying !== controller) return
      this.groups = answer.groups.map((group) => ({ ...group, id: groupId(group.key) }))
      this.groupTotal = answer.total
      this.total = answer.runs
      this.#groupsReady = true
      this.#groupsError = undefined
    } catch (reason) {
      if (this.#groupsFlying !== controller) return
      this.#groupsError = reason instanceof Error ? reason : new Error(String(reason))
    }
    this.#groupsFlying = undefined
    this.#changed()
  }
}
