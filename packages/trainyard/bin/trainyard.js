#!/usr/bin/env node
// Plain enough for any Node of the last ten years: it has to run there to say what is needed.
import process from 'node:process'

const needed = 24
const found = process.versions.node
if (Number(found.split('.')[0]) < needed) {
  console.error(
    'trainyard needs Node ' +
      needed +
      ' or newer, this is Node ' +
      found +
      '. ' +
      'Get it from https://nodejs.org, with a version manager (nvm install ' +
      needed +
      '), ' +
      'or for this project alone: npm install --save-dev node@' +
      needed,
  )
  process.exitCode = 1
} else {
  import('../dist/cli/main.js')
}
