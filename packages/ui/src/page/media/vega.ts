/**
 * Vega-Lite, loaded only where somebody logged such a chart. Expressions are interpreted, not compiled, so that the page needs no `eval`;
 * nothing is fetched: a specification brings its data.
 */
import type { Json } from '@trainyard/tracker/api'
import { parse, type Spec, View } from 'vega'
import { expressionInterpreter } from 'vega-interpreter'
import { compile, type TopLevelSpec } from 'vega-lite'

export interface VegaColors {
  ink: string
  faint: string
  grid: string
  accent: string
  category: readonly string[]
}

const noLoader = {
  load: () => Promise.reject(new Error('A chart may not load anything: put its data in "values".')),
  sanitize: () => Promise.reject(new Error('A chart may not link anywhere.')),
  http: () => Promise.reject(new Error('A chart may not load anything.')),
  file: () => Promise.reject(new Error('A chart may not load anything.')),
}

/** Draws a specification into an element; call what comes back to take it away. */
export async function drawVega(
  element: HTMLElement,
  spec: Json,
  size: { width: number; height: number },
  colors: VegaColors,
): Promise<() => void> {
  const config = {
    background: 'transparent',
    font: 'inherit',
    view: { stroke: 'transparent' },
    mark: { color: colors.accent },
    axis: {
      labelColor: colors.faint,
      titleColor: colors.faint,
      gridColor: colors.grid,
      domainColor: colors.grid,
      tickColor: colors.grid,
      titleFontWeight: 500,
    },
    legend: { labelColor: colors.ink, titleColor: colors.faint },
    title: { color: colors.ink },
    range: { category: [...colors.category] },
  }
  const given = spec as { [key: string]: Json }
  const isLite = !String(given.$schema ?? '').includes('/vega/')
  const sized = {
    autosize: { type: 'fit', contains: 'padding' },
    ...given,
    ...(isLite &&
    !('hconcat' in given) &&
    !('vconcat' in given) &&
    !('concat' in given) &&
    !('facet' in given) &&
    !('repeat' in given)
      ? size
      : {}),
  }
  const logger = {
    level: () => logger,
    error: () => logger,
    warn: () => logger,
    info: () => logger,
    debug: () => logger,
  }
  const vega = isLite
    ? compile(sized as unknown as TopLevelSpec, { config: config as never, logger: logger as never }).spec
    : ({ ...given } as unknown as Spec)
  const view = new View(parse(vega, config as never, { ast: true }), {
    expr: expressionInterpreter,
    loader: noLoader as never,
    renderer: 'canvas',
    container: element,
    hover: true,
    logger: logger as never,
  } as never)
  await view.runAsync()
  return () => view.finalize()
}
