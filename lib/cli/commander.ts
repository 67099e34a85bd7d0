// The parser of arguments, through `require`: as an ES module it is read, searched for its exports, and then loaded as
// the CommonJS module that it is, which takes twice as long.
import { createRequire } from 'node:module'

const commander = createRequire(import.meta.url)('commander') as typeof import('commander')

export const { Command, CommanderError, InvalidArgumentError, Option } = commander
