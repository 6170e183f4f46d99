/**
 * Who may talk to the server. It listens on loopback and asks for no token there, so other web pages in the same browser must be kept out: a foreign
 * name in `Host` is DNS rebinding, a foreign `Origin` is another page's request. Anywhere else a token is needed.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'

export interface SafetyOptions {
  /** Null: nobody needs one. */
  token: string | null
  /** Names in `Host` that are accepted besides loopback; with a token every name is. */
  hosts: readonly string[]
}

export const COOKIE = 'trainyard_token'
const loopback = new Set(['localhost', '127.0.0.1', '[::1]', '::1'])

export const isLoopback = (host: string): boolean => loopback.has(host) || /^127\.\d+\.\d+\.\d+$/.test(host)

/** The name in a `Host` header, without its port. */
export function hostName(host: string): string {
  return (/^(\[[^\]]*\]|[^:]*)(?::\d+)?$/.exec(host)?.[1] ?? '').toLowerCase()
}

const digest = (text: string) => createHash('sha256').update(text).digest()

/** In time that does not tell how much of it was right. */
export const sameToken = (given: string, token: string): boolean => timingSafeEqual(digest(given), digest(token))

/** What the page may do: load from here, and nothing else. */
export const PAGE_POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; frame-src 'self' blob: data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** What somebody's file may do: show itself. Scripts of HTML run without an origin, and reach nothing. */
export const BLOB_POLICY =
  "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; media-src data: blob:; frame-ancestors 'self'"

const refuse = (code: string, message: string, status: 400 | 401 | 403) =>
  Response.json({ error: { code, message } }, { status })

export function safety({ token, hosts }: SafetyOptions): MiddlewareHandler {
  const accepted = new Set(hosts.map((host) => host.toLowerCase()))
  return async (c, next) => {
    const host = c.req.header('host') ?? ''
    const name = hostName(host)
    if (token === null && !isLoopback(name) && !accepted.has(name))
      return refuse(
        'forbidden',
        `this server is not called ${JSON.stringify(host.slice(0, 100))}: open it as localhost, or start it with --allow-host`,
        403,
      )
    const origin = c.req.header('origin')
    if (origin !== undefined && !isOwnOrigin(origin, host))
      return refuse('forbidden', `requests from ${JSON.stringify(origin.slice(0, 100))} are not accepted`, 403)
    if (token !== null) {
      const given = c.req.query('token')
      const url = new URL(c.req.url)
      if (given !== undefined && c.req.method === 'GET' && !url.pathname.startsWith('/api/')) {
        if (!sameToken(given, token)) return refuse('unauthorised', 'this token is wrong', 401)
        setCookie(c, COOKIE, token, {
          httpOnly: true,
          sameSite: 'Strict',
          path: '/',
          secure: url.protocol === 'https:',
        })
        url.searchParams.delete('token')
        return c.redirect(url.pathname + url.search)
      }
      const bearer = /^Bearer (.+)$/i.exec(c.req.header('authorization') ?? '')?.[1]
      const known = bearer ?? getCookie(c, COOKIE)
      if (known === undefined || !sameToken(known, token))
        return refuse(
          'unauthorised',
          'a token is needed: open the address that the server printed, or send it as "Authorization: Bearer TOKEN"',
          401,
        )
    }
    await next()
    c.res.headers.set('x-content-type-options', 'nosniff')
    c.res.headers.set('referrer-policy', 'no-referrer')
    if (!c.res.headers.has('content-security-policy')) c.res.headers.set('content-security-policy', PAGE_POLICY)
    if (!c.res.headers.has('cross-origin-resource-policy'))
      c.res.headers.set('cross-origin-resource-policy', 'same-origin')
  }
}

function isOwnOrigin(origin: string, host: string): boolean {
  try {
    const { protocol, host: from } = new URL(origin)
    return (protocol === 'http:' || protocol === 'https:') && from === host.toLowerCase()
  } catch {
    return false
  }
}
