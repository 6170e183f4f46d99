/**
 * The chart on the screen. uPlot does the axes, the scales and the zoom by dragging; the lines are painted by us, because each run has x
 * values of its own, and there are bands, faint raw lines and highlights. A second canvas above holds what follows the pointer, so that
 * moving it never paints the lines again.
 */
import uPlot from 'uplot'
import { type Bounds, isAscending, type Line, nearest, nearestAnywhere, type XKind } from './line.ts'
import { type Plane, paint } from './paint.ts'
import { ticks } from './ticks.ts'

export interface ChartView {
  lines: readonly Line[]
  bounds: Bounds | null
  xKind: XKind
  logX: boolean
  logY: boolean
  showRange: boolean
}

export interface Hit {
  line: Line
  index: number
  x: number
  y: number
  /** CSS pixels from the chart's left top corner. */
  left: number
  top: number
}

export interface Hover {
  x: number
  hits: Hit[]
  /** The one nearest to the pointer. */
  nearest: Hit | null
  left: number
  top: number
}

export interface ChartEvents {
  hover(hover: Hover | null): void
  zoom(x: [number, number] | null, y: [number, number] | null): void
  click(hit: Hit | null): void
}

const axisFont = '11px Inter, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif'

export class LineChart {
  #element: HTMLElement
  #events: ChartEvents
  #plot: uPlot | undefined
  #overlay: HTMLCanvasElement | undefined
  #view: ChartView = { lines: [], bounds: null, xKind: 'number', logX: false, logY: false, showRange: true }
  #shape = ''
  #highlighted: ReadonlySet<string> | null = null
  #crosshair: number | null = null
  #width = 0
  #height = 0
  #ascending = new WeakMap<Line, boolean>()
  #down: [number, number] | undefined

  constructor(element: HTMLElement, events: ChartEvents) {
    this.#element = element
    this.#events = events
  }

  resize(width: number, height: number): void {
    if (width === this.#width && height === this.#height) return
    this.#width = width
    this.#height = height
    if (width < 40 || height < 40) return
    if (this.#plot) {
      this.#plot.setSize({ width, height })
      this.#fitOverlay()
    } else this.#draw()
  }

  set(view: ChartView): void {
    this.#view = view
    this.#draw()
  }

  /** Colours changed with the theme. */
  restyle(): void {
    this.#shape = ''
    this.#draw()
  }

  /** Lines to bring forward; null for none. */
  highlight(keys: ReadonlySet<string> | null): void {
    if (same(keys, this.#highlighted)) return
    this.#highlighted = keys
    this.#plot?.redraw(false, false)
  }

  /** A crosshair at an x that is pointed at in another chart. */
  crosshair(x: number | null): void {
    if (this.#crosshair === x) return
    this.#crosshair = x
    this.#paintOverlay(x === null ? null : this.#at(x, null))
  }

  destroy(): void {
    this.#plot?.destroy()
    this.#plot = undefined
  }

  #draw(): void {
    if (this.#width < 40 || this.#height < 40) return
    const { bounds, xKind, logX, logY } = this.#view
    if (!bounds) {
      this.destroy()
      this.#shape = ''
      return
    }
    const shape = `${xKind} ${logX} ${logY}`
    if (!this.#plot || shape !== this.#shape) {
      this.destroy()
      this.#shape = shape
      this.#plot = this.#make()
      return
    }
    const plot = this.#plot
    plot.batch(() => {
      plot.setData([bounds.x, bounds.y], false)
      plot.setScale('x', { min: bounds.x[0], max: bounds.x[1] })
      plot.setScale('y', { min: bounds.y[0], max: bounds.y[1] })
    })
    plot.redraw(false, true)
  }

  #make(): uPlot {
    const style = getComputedStyle(this.#element)
    const color = (name: string) => style.getPropertyValue(name).trim()
    const { xKind, logX, logY } = this.#view
    const axis = (side: number, log: boolean, kind: XKind, space: number): uPlot.Axis => {
      const made = (plot: uPlot, min: number, max: number) =>
        ticks(kind, log, min, max, (side === 2 ? plot.bbox.width : plot.bbox.height) / devicePixelRatio / space)
      let texts = new Map<number, string>()
      return {
        side,
        font: axisFont,
        stroke: color('--chart-label'),
        size:
          side === 2
            ? 26
            : (_plot, values) => 14 + 6.2 * Math.max(2, ...(values ?? []).map((value) => value?.length ?? 0)),
        gap: side === 2 ? 4 : 6,
        grid: { stroke: color('--chart-grid'), width: 1 },
        ticks: { show: side === 2, stroke: color('--chart-axis'), width: 1, size: 4 },
        border: { show: side === 2, stroke: color('--chart-axis'), width: 1 },
        space,
        splits: (plot, _index, min, max) => {
          const all = made(plot, min, max).filter(({ text }) => text)
          texts = new Map(all.map(({ at, text }) => [at, text]))
          return all.map(({ at }) => at)
        },
        filter: (_plot, splits) => splits,
        values: (_plot, splits) => splits.map((split) => texts.get(split) ?? ''),
      }
    }
    const plot = new uPlot(
      {
        width: this.#width,
        height: this.#height,
        padding: [8, 12, 0, 4],
        legend: { show: false },
        scales: {
          x: { time: false, distr: logX ? 3 : 1, auto: false, range: () => this.#view.bounds!.x },
          y: { distr: logY ? 3 : 1, auto: false, range: () => this.#view.bounds!.y },
        },
        series: [{}, { show: true, paths: () => null, points: { show: false } }],
        axes: [axis(2, logX, xKind, 62), axis(3, logY, 'number', 40)],
        cursor: {
          x: false,
          y: false,
          points: { show: false },
          drag: { x: true, y: true, uni: 24, dist: 4, setScale: false },
          bind: {
            dblclick: () => () => {
              this.#events.zoom(null, null)
              return null
            },
          },
        },
        hooks: {
          draw: [(self) => paint(self.ctx, this.#plane(self), this.#view.lines, this.#paintOptions())],
          setCursor: [(self) => this.#pointed(self)],
          setSelect: [(self) => this.#selected(self)],
        },
      },
      [this.#view.bounds!.x, this.#view.bounds!.y],
      this.#element,
    )
    this.#overlay = document.createElement('canvas')
    Object.assign(this.#overlay.style, { position: 'absolute', inset: '0', pointerEvents: 'none' })
    plot.over.append(this.#overlay)
    plot.over.addEventListener('mousedown', (event) => {
      this.#down = [event.clientX, event.clientY]
    })
    plot.over.addEventListener('click', (event) => {
      const [x, y] = this.#down ?? [event.clientX, event.clientY]
      if (Math.hypot(event.clientX - x, event.clientY - y) > 3) return
      const { left = -1, top = -1 } = plot.cursor
      this.#events.click(left < 0 ? null : (this.#at(plot.posToVal(left, 'x'), top)?.nearest ?? null))
    })
    this.#fitOverlay(plot)
    return plot
  }

  #paintOptions() {
    const { showRange, logX, logY, lines } = this.#view
    return { showRange, logX, logY, highlighted: this.#highlighted, lineWidth: lines.length > 30 ? 1.1 : 1.5 }
  }

  #plane(plot: uPlot): Plane {
    return {
      ...plot.bbox,
      ratio: devicePixelRatio,
      x: (value) => plot.valToPos(value, 'x', true),
      y: (value) => plot.valToPos(value, 'y', true),
    }
  }

  #fitOverlay(plot = this.#plot): void {
    if (!plot || !this.#overlay) return
    this.#overlay.width = plot.bbox.width
    this.#overlay.height = plot.bbox.height
    this.#overlay.style.width = `${plot.bbox.width / devicePixelRatio}px`
    this.#overlay.style.height = `${plot.bbox.height / devicePixelRatio}px`
  }

  #pointed(plot: uPlot): void {
    const { left = -1, top = -1 } = plot.cursor
    if (left < 0) {
      this.#paintOverlay(null)
      this.#events.hover(null)
      return
    }
    const hover = this.#at(plot.posToVal(left, 'x'), top)
    this.#paintOverlay(hover)
    this.#events.hover(hover)
  }

  /** What all lines are at an x; `top` (in the plot) says which is nearest. */
  #at(x: number, top: number | null): Hover | null {
    const plot = this.#plot
    if (!plot) return null
    const { left: offsetX, top: offsetY } = plot.over.getBoundingClientRect()
    const own = this.#element.getBoundingClientRect()
    const hits: Hit[] = []
    let best: Hit | null = null
    let distance = Infinity
    for (const line of this.#view.lines) {
      let ascending = this.#ascending.get(line)
      if (ascending === undefined) this.#ascending.set(line, (ascending = isAscending(line.x)))
      const index = ascending ? nearest(line.x, x) : nearestAnywhere(line.x, x)
      if (index < 0 || line.y[index] === null) continue
      const at = plot.valToPos(line.x[index], 'x')
      // A run that ended long before has nothing to say here.
      if (
        Math.abs(at - plot.valToPos(x, 'x')) > 40 &&
        line.x.length > 1 &&
        (x > line.x[line.x.length - 1] || x < line.x[0])
      )
        continue
      const y = line.y[index]!
      const hit = {
        line,
        index,
        x: line.x[index],
        y,
        left: at + offsetX - own.left,
        top: plot.valToPos(y, 'y') + offsetY - own.top,
      }
      hits.push(hit)
      const away = top === null ? Infinity : Math.abs(plot.valToPos(y, 'y') - top)
      if (away < distance) {
        distance = away
        best = hit
      }
    }
    hits.sort((a, b) => b.y - a.y)
    const { left = 0 } = plot.cursor
    return { x, hits, nearest: best, left: left + offsetX - own.left, top: (top ?? 0) + offsetY - own.top }
  }

  #paintOverlay(hover: Hover | null): void {
    const plot = this.#plot
    const context = this.#overlay?.getContext('2d')
    if (!plot || !context || !this.#overlay) return
    context.clearRect(0, 0, this.#overlay.width, this.#overlay.height)
    if (!hover) return
    const ratio = devicePixelRatio
    const at = Math.round(plot.valToPos(hover.x, 'x') * ratio) + 0.5
    const style = getComputedStyle(this.#element)
    context.strokeStyle = style.getPropertyValue('--chart-crosshair')
    context.lineWidth = 1
    context.setLineDash([3 * ratio, 3 * ratio])
    context.beginPath()
    context.moveTo(at, 0)
    context.lineTo(at, this.#overlay.height)
    context.stroke()
    context.setLineDash([])
    const ground = style.getPropertyValue('--surface')
    for (const hit of hover.hits) {
      if (hover.hits.length > 40 && hit !== hover.nearest) continue
      context.beginPath()
      context.arc(
        plot.valToPos(hit.x, 'x') * ratio,
        plot.valToPos(hit.y, 'y') * ratio,
        (hit === hover.nearest ? 4 : 2.8) * ratio,
        0,
        7,
      )
      context.fillStyle = hit.line.color
      context.fill()
      context.strokeStyle = ground
      context.lineWidth = 1.5 * ratio
      context.stroke()
    }
  }

  #selected(plot: uPlot): void {
    const { left, top, width, height } = plot.select
    if (width <= 2 && height <= 2) return
    const inX = width > 2 && width < plot.over.clientWidth - 1
    const inY = height > 2 && height < plot.over.clientHeight - 1
    const x: [number, number] | null = inX ? [plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')] : null
    const y: [number, number] | null = inY ? [plot.posToVal(top + height, 'y'), plot.posToVal(top, 'y')] : null
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
    if (x || y) this.#events.zoom(x, y)
  }
}

function same(a: ReadonlySet<string> | null, b: ReadonlySet<string> | null): boolean {
  if (a === b) return true
  if (!a || !b || a.size !== b.size) return false
  for (const key of a) if (!b.has(key)) return false
  return true
}
