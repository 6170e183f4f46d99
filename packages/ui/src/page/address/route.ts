/**
 * Where one is: the part of the address after `#`. A hash, so that the page works from any folder, behind any proxy and with a server that
 * knows nothing of it.
 */
export type Route =
  | { page: 'projects' }
  | { page: 'workspace'; project: string; query: URLSearchParams }
  | { page: 'run'; project: string; run: string; tab: RunTab; query: URLSearchParams }
  | { page: 'compare'; project: string; query: URLSearchParams }
  | { page: 'sweeps'; project: string }
  | { page: 'sweep'; project: string; sweep: string; query: URLSearchParams }
  | { page: 'artifacts'; project: string; artifact: string | null }
  | { page: 'alerts'; project: string }
  | { page: 'unknown'; path: string }

export const runTabs = ['overview', 'charts', 'media', 'system', 'console', 'files'] as const
export type RunTab = (typeof runTabs)[number]

const decode = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

export function parseRoute(hash: string): Route {
  const text = hash.replace(/^#/, '')
  const cut = text.indexOf('?')
  const path = cut < 0 ? text : text.slice(0, cut)
  const query = new URLSearchParams(cut < 0 ? '' : text.slice(cut + 1))
  const parts = path.split('/').filter(Boolean).map(decode)
  if (parts.length === 0) return { page: 'projects' }
  const [project, kind, name, more] = parts
  if (parts.length === 1) return { page: 'workspace', project, query }
  if (kind === 'runs' && name && parts.length <= 4) {
    const tab = runTabs.find((known) => known === (more ?? 'overview'))
    if (tab) return { page: 'run', project, run: name, tab, query }
  }
  if (kind === 'compare' && parts.length === 2) return { page: 'compare', project, query }
  if (kind === 'sweeps' && parts.length === 2) return { page: 'sweeps', project }
  if (kind === 'sweeps' && parts.length === 3) return { page: 'sweep', project, sweep: name, query }
  if (kind === 'artifacts' && parts.length <= 3) return { page: 'artifacts', project, artifact: name ?? null }
  if (kind === 'alerts' && parts.length === 2) return { page: 'alerts', project }
  return { page: 'unknown', path }
}

const encode = (parts: string[], query?: URLSearchParams | string): string => {
  const text = query === undefined ? '' : String(query)
  return `#/${parts.map(encodeURIComponent).join('/')}${text ? `?${text}` : ''}`
}

/** Addresses for links. */
export const href = {
  projects: () => '#/',
  workspace: (project: string, query?: URLSearchParams | string) => encode([project], query),
  run: (project: string, run: string, tab: RunTab = 'overview', query?: URLSearchParams) =>
    encode(tab === 'overview' ? [project, 'runs', run] : [project, 'runs', run, tab], query),
  compare: (project: string, runs: readonly string[]) =>
    encode([project, 'compare'], new URLSearchParams({ runs: runs.join(' ') })),
  sweeps: (project: string) => encode([project, 'sweeps']),
  sweep: (project: string, sweep: string, query?: URLSearchParams) => encode([project, 'sweeps', sweep], query),
  artifacts: (project: string, artifact?: string) =>
    encode(artifact ? [project, 'artifacts', artifact] : [project, 'artifacts']),
  alerts: (project: string) => encode([project, 'alerts']),
}
