import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { test } from 'node:test'
// TypeScript 7 has no stable API yet; the page's checker brings version 6, which has one.
import ts from '../packages/ui/node_modules/typescript/lib/typescript.js'

const root = join(import.meta.dirname, '..')
const packages = ['packages/core', 'packages/vision', 'packages/train', 'packages/tracker', 'packages/ui', 'studies']
const condition = 'trainyard-source'

/** The source files that the packages' `exports` name. */
const entries = packages.flatMap((folder) => {
  const { exports } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
  return Object.values(exports as Record<string, Record<string, string>>).map((one) =>
    join(root, folder, one[condition]),
  )
})

const program = ts.createProgram(entries, {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  customConditions: [condition],
  allowImportingTsExtensions: true,
  noEmit: true,
  skipLibCheck: true,
  types: ['node'],
})
const checker = program.getTypeChecker()

/** Whether a member has to say what it does: methods and getters, and what may be left out, which needs a default. */
function wantsDoc(member: ts.Symbol): boolean {
  const declaration = member.declarations?.[0]
  const name = declaration && ts.getNameOfDeclaration(declaration)
  // Names that the language gives, such as [Symbol.iterator], mean what they mean everywhere.
  if (!declaration || !name || ts.isPrivateIdentifier(name) || ts.isComputedPropertyName(name)) return false
  const { Private, Protected } = ts.ModifierFlags
  if (ts.getCombinedModifierFlags(declaration) & (Private | Protected)) return false
  if (ts.isMethodDeclaration(declaration) || ts.isMethodSignature(declaration) || ts.isAccessor(declaration))
    return true
  return ts.isPropertySignature(declaration) && declaration.questionToken !== undefined
}

const missing: string[] = []
const seen = new Set<ts.Symbol>()

function note(symbol: ts.Symbol, name: string): void {
  // The comment of what it overrides or implements counts: it says the same.
  if (symbol.getDocumentationComment(checker).length > 0) return
  const declaration = symbol.declarations![0]
  const file = declaration.getSourceFile()
  const { line } = file.getLineAndCharacterOfPosition(declaration.getStart())
  missing.push(`${relative(root, file.fileName)}:${line + 1} ${name}`)
}

function visit(given: ts.Symbol, name: string): void {
  const symbol = given.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(given) : given
  const file = symbol.declarations?.[0].getSourceFile().fileName ?? ''
  if (seen.has(symbol) || !file.startsWith(root) || file.includes('node_modules')) return
  seen.add(symbol)
  if (symbol.flags & ts.SymbolFlags.ValueModule) {
    for (const inner of checker.getExportsOfModule(symbol)) visit(inner, `${name}.${inner.name}`)
    return
  }
  note(symbol, name)
  if (!(symbol.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface))) return
  for (const member of symbol.members?.values() ?? []) if (wantsDoc(member)) note(member, `${name}.${member.name}`)
}

test('everything that the packages export says what it is, and what it does without its options', () => {
  for (const entry of entries) {
    const module = checker.getSymbolAtLocation(program.getSourceFile(entry)!)
    assert.ok(module, `${entry} exports nothing`)
    for (const symbol of checker.getExportsOfModule(module)) visit(symbol, symbol.name)
  }
  assert.ok(seen.size > 500, `only ${seen.size} symbols were found`)
  assert.deepEqual(missing, [], `without a doc comment:\n${missing.join('\n')}`)
})
