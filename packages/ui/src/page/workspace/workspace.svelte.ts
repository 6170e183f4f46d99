/** One workspace: what is set up, what the table and the charts show, and what keeps them up to date. */
import type { Column, ColumnId } from '@trainyard/tracker/api'
import { client } from '../api/client.ts'
import type { Changes } from '../api/live.ts'
import { ColourSlots, palette } from '../design/palette.ts'
import { theme } from '../design/theme.svelte.ts'
import { router } from '../shell/router.svelte.ts'
import { server } from '../shell/server.svelte.ts'
import { PanelBoard, type Subject } from './panels/board.svelte.ts'
import { moved } from './panels/sections.ts'
import { type Group, RunList } from './runs.svelte.ts'
import { readState, type WorkspaceState, writeState } from './state.ts'
import { automaticColumns } from './table/columns.ts'
import { groupLabel } from './table/group.ts'
import { type TableRow, tableRows } from './table/row.ts'
import { Selection } from './table/selection.ts'
import { shownRuns, toggled } from './table/shown.ts'
import { cycled } from './table/sort.ts'

export class Workspace extends PanelBoard {
  state: WorkspaceState = $state(readState(new URLSearchParams()))
  readonly list = new RunList(() => this.project)
  columns = $state.raw<Column[]>([])
  columnsTotal = $state(0)
  selection = $state.raw(new Selection())
  /** Rows that were asked for by name and that the table has not loaded. */
  #others: ReadonlyMap<string, TableRow> = $state.raw(new Map())
  #slots: ColourSlots
  #slotsVersion = $state(0)
  #stop: () => void
  #tableTimer: ReturnType<typeof setTimeout> | undefined
  #keysTimer: ReturnType<typeof setTimeout> | undefined

  constructor(project: string) {
    super(project)
    this.#slots = new ColourSlots(stored(project))
    if (router.route.page === 'workspace') this.state = readState(router.route.query)
    this.#stop = server.live.listen((changes) => this.#live(changes))
    void this.loadKeys()
  }

  get grouped(): boolean {
    return this.list.grouped
  }

  get settled(): boolean {
    return this.list.ready || this.list.error !== undefined
  }

  /** Columns that the table shows besides the name. */
  readonly shownColumns: ColumnId[] = $derived.by(() => {
    const chosen =
      this.state.columns ?? (this.columns.length > 0 ? automaticColumns(this.columns) : ['created', 'duration'])
    const pinned = this.state.pinned.filter((column) => column !== 'name')
    const grouped = this.state.groupBy
    return [...pinned, ...chosen.filter((column) => !pinned.includes(column) && column !== 'name')].filter(
      (column) => !grouped.includes(column) || pinned.includes(column),
    )
  })

  readonly shownRows: TableRow[] = $derived(
    shownRuns(this.list.leading(), this.state, (id) => this.list.find(id) ?? this.#others.get(id)),
  )

  /** What the charts show: runs, or groups where the table is grouped. */
  readonly subjects: Subject[] = $derived.by(() => {
    void this.#slotsVersion
    const colors = palette[theme.current]
    if (this.list.grouped) {
      const groups = shownRuns(this.list.groups, this.state)
      return groups.map((group) => ({
        key: group.id,
        label: groupLabel(group.key, this.state.groupBy),
        color: colors[this.#slots.slot(group.id)],
        runs: group.runs,
        isGroup: true,
      }))
    }
    return this.shownRows.map((row) => ({
      key: row.id,
      label: row.name,
      color: row.color ?? colors[this.#slots.slot(row.id)],
      runs: [row.id],
      isGroup: false,
    }))
  })

  readonly shownKeys: ReadonlySet<string> = $derived(new Set(this.subjects.map(({ key }) => key)))

  /** Runs whose charts and media are shown. */
  readonly shownIds: string[] = $derived([...new Set(this.subjects.flatMap(({ runs }) => runs))])

  color(row: TableRow | Group): string {
    void this.#slotsVersion
    if ('color' in row && row.color) return row.color
    return palette[theme.current][this.#slots.slot(row.id)]
  }

  /** Gives what is shown its colours; to be called when that changes. */
  assignColors(): void {
    const keys = (this.list.grouped ? shownRuns(this.list.groups, this.state) : this.shownRows).map(({ id }) => id)
    if (!this.#slots.assign(keys)) return
    this.#slotsVersion++
    store(this.project, this.#slots.entries())
  }

  setVisible(id: string, visible: boolean): void {
    const first: Iterable<{ id: string }> = this.list.grouped ? this.list.groups : this.list.leading()
    const among = shownRuns(first, {
      limit: this.state.limit,
      hidden: this.state.hidden.filter((one) => one !== id),
      shown: [],
      only: [],
    })
    Object.assign(
      this.state,
      toggled(
        this.state,
        id,
        visible,
        among.some((one) => one.id === id),
      ),
    )
  }

  /** Only this one, or all again when it is the only one already. */
  solo(id: string): void {
    this.state.only = this.state.only.length === 1 && this.state.only[0] === id ? [] : [id]
  }

  /** Loads runs that the address names and the table has not loaded. */
  async findOthers(): Promise<void> {
    if (this.list.grouped || !this.list.ready) return
    const missing = [...this.state.only, ...this.state.shown].filter(
      (id) => !this.list.find(id) && !this.#others.has(id),
    )
    if (missing.length === 0) return
    const { rows } = await client.call('queryRuns', {
      project: this.project,
      body: { runs: missing, archived: true, limit: missing.length },
    })
    if (rows.length > 0)
      this.#others = new Map([...this.#others, ...tableRows(rows, []).map((row) => [row.id, row] as const)])
  }

  selectAll(ids: string[]): void {
    this.selection = new Selection(ids)
  }

  /** As a click on a header does: ascending, descending, not at all; with others where `more` is held. */
  sortBy(column: ColumnId, more: boolean): void {
    this.state.sort = cycled(this.state.sort, column, more)
  }

  setSort(column: ColumnId, descending: boolean | null): void {
    const others = this.state.sort.filter((key) => key.column !== column)
    this.state.sort = descending === null ? others : [{ column, descending }]
  }

  /** Any change of columns makes the automatic choice a chosen one. */
  setColumns(columns: ColumnId[]): void {
    this.state.columns = columns.filter((column) => !this.state.pinned.includes(column))
  }

  get chosenColumns(): ColumnId[] {
    return this.state.columns ?? this.shownColumns.filter((column) => !this.state.pinned.includes(column))
  }

  toggleColumn(column: ColumnId): void {
    const columns = this.chosenColumns
    if (columns.includes(column) || this.state.pinned.includes(column)) this.hideColumn(column)
    else this.setColumns([...columns, column])
  }

  hideColumn(column: ColumnId): void {
    this.setColumns(this.chosenColumns.filter((one) => one !== column))
    this.state.pinned = this.state.pinned.filter((one) => one !== column)
  }

  replaceColumn(column: ColumnId, other: ColumnId): void {
    const swap = (one: ColumnId) => (one === column ? other : one)
    this.setColumns([...new Set(this.chosenColumns.map(swap))])
    this.state.pinned = this.state.pinned.map(swap)
  }

  togglePinned(column: ColumnId): void {
    const { pinned } = this.state
    const columns = this.chosenColumns
    if (pinned.includes(column)) {
      this.state.pinned = pinned.filter((one) => one !== column)
      this.setColumns([column, ...columns])
    } else {
      this.state.pinned = [...pinned, column]
      this.setColumns(columns.filter((one) => one !== column))
    }
  }

  shiftColumn(column: ColumnId, by: -1 | 1): void {
    const pinned = this.state.pinned.includes(column)
    const columns = pinned ? this.state.pinned : this.chosenColumns
    const order = moved(columns, column, columns.indexOf(column) + by)
    if (pinned) this.state.pinned = order
    else this.setColumns(order)
  }

  /** Drags a column to the side of another. */
  moveColumn(column: ColumnId, target: ColumnId, after: boolean): void {
    const pinned = this.state.pinned.includes(target)
    if (pinned !== this.state.pinned.includes(column)) this.togglePinned(column)
    const columns = (pinned ? this.state.pinned : this.chosenColumns).filter((one) => one !== column)
    const order = moved([...columns, column], column, columns.indexOf(target) + (after ? 1 : 0))
    if (pinned) this.state.pinned = order
    else this.setColumns(order)
  }

  ask(): void {
    const { where, search, archived, sort, groupBy } = this.state
    this.list.ask({
      where,
      search,
      archived,
      sort: $state.snapshot(sort),
      groupBy: $state.snapshot(groupBy),
      columns: this.shownColumns,
    })
  }

  /** Columns and metrics come apart, so that the charts do not wait for the table. */
  async loadKeys(): Promise<void> {
    await Promise.all([this.#loadMetrics(), this.#loadColumns()])
  }

  async #loadMetrics(): Promise<void> {
    try {
      const { metrics } = await client.call('queryMetrics', { project: this.project, body: { limit: 5000 } })
      this.metrics = metrics
      this.metricsError = undefined
    } catch (reason) {
      this.metricsError = reason instanceof Error ? reason : new Error(String(reason))
    }
    this.metricsReady = true
  }

  async #loadColumns(): Promise<void> {
    try {
      const { columns, total } = await client.call('queryColumns', { project: this.project, body: { limit: 1000 } })
      const facts = (all: readonly Column[]) =>
        JSON.stringify(all.map(({ id, swept, differs }) => [id, swept, differs]))
      // The same columns again must not make the table ask again.
      if (facts(columns) !== facts(this.columns)) this.columns = columns
      this.columnsTotal = total
    } catch {
      // The table says what is wrong; until the next try it has the columns that it had.
    }
  }

  /** What the address said when the workspace was opened, or says now. */
  address(): URLSearchParams {
    return router.route.page === 'workspace' ? router.route.query : new URLSearchParams()
  }

  writeAddress(): void {
    if (router.route.page === 'workspace' && router.route.project === this.project)
      router.replaceQuery(writeState(this.state))
  }

  readAddress(): void {
    if (router.route.page !== 'workspace' || router.route.project !== this.project) return
    const query = router.route.query
    if (query.toString() !== writeState(this.state).toString()) this.state = readState(query)
  }

  close(): void {
    this.#stop()
    clearTimeout(this.#tableTimer)
    clearTimeout(this.#keysTimer)
    this.list.close()
  }

  #live(changes: Changes): void {
    const mine = changes.all || changes.projects.has(this.project)
    if (!mine) return
    this.tell(changes)
    const created =
      changes.all ||
      changes.deleted.size > 0 ||
      [...changes.runs.values()].some(({ changed }) => changed.has('created') || changed.has('meta'))
    this.#tableTimer ??= setTimeout(
      () => {
        this.#tableTimer = undefined
        this.list.refresh()
      },
      created ? 200 : 1500,
    )
    if (changes.deleted.size > 0) this.selection = this.selection.without(changes.deleted)
    this.#keysTimer ??= setTimeout(
      () => {
        this.#keysTimer = undefined
        void this.loadKeys()
      },
      created ? 1500 : 10_000,
    )
  }
}

const storeKey = (project: string) => `trainyard.colours.${project}`

function stored(project: string): [string, number][] {
  try {
    const entries: unknown = JSON.parse(localStorage.getItem(storeKey(project)) ?? '[]')
    return Array.isArray(entries) ? (entries as [string, number][]) : []
  } catch {
    return []
  }
}

function store(project: string, entries: [string, number][]): void {
  try {
    localStorage.setItem(storeKey(project), JSON.stringify(entries.slice(-2000)))
  } catch {
    // Full or forbidden: colours last as long as the page.
  }
}
