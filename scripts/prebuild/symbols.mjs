// The gate: a binary that is shipped may ask a system for nothing newer than what Node itself asks for, finds
// everything else beside it, and shows Node's entry points only. Read with objdump.
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { addons, floors, system } from './targets.mjs'

/** What objdump says of a shared object: what it needs, defines and lacks. */
export function examine(file, objdump = 'objdump') {
  const run = (flag) =>
    execFileSync(objdump, [flag, file], { encoding: 'utf8', maxBuffer: 1 << 28 })
  const headers = run('-p')
  const entries = (name) =>
    [...headers.matchAll(new RegExp(`^ +${name} +(\\S+)$`, 'gm'))].map(([, value]) => value)
  const [, wants = ''] = headers.split(/^Version References:$/m)
  const [, defines = ''] = headers.split(/^Version definitions:$/m)
  const versions = []
  let from
  for (const line of wants.split('\n')) {
    from = /required from (\S+):/.exec(line)?.[1] ?? from
    const version = /^ +0x[0-9a-f]+ 0x[0-9a-f]+ \d+ (\S+)$/.exec(line)?.[1]
    if (version !== undefined) versions.push({ from, version })
  }
  const undefinedSymbols = []
  const defined = []
  for (const line of run('-T').split('\n')) {
    const [, flags, section, rest] = /^[0-9a-f]+ (.{7}) (\S+)\t[0-9a-f]+ +(.*)$/.exec(line) ?? []
    if (section === undefined) continue
    const words = rest.trim().split(/ +/)
    const name = words.at(-1)
    const version = words.length > 1 && words[0] !== 'Base' ? words[0] : undefined
    if (section === '*UND*') {
      if (version === undefined && !flags.includes('w')) undefinedSymbols.push(name)
    } else if (!flags.startsWith('l')) defined.push(name)
  }
  return {
    needed: entries('NEEDED'),
    rpath: entries('RPATH'),
    runpath: entries('RUNPATH'),
    versions,
    definedVersions: [...defines.matchAll(/^\d+ 0x\S+ 0x\S+ (\S+)/gm)].map(([, name]) => name),
    undefinedSymbols,
    defined,
  }
}

function newer(a, b) {
  const left = a.split('.').map(Number)
  const right = b.split('.').map(Number)
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return false
}

/** Everything that is wrong with the binaries in a folder: a sentence each. */
export function complaints(folder, objdump = 'objdump') {
  const names = readdirSync(folder, { recursive: true }).filter((name) =>
    /\.(node|so[.\d]*)$/.test(name),
  )
  const facts = new Map(names.map((name) => [name, examine(join(folder, name), objdump)]))
  const found = []
  for (const [name, each] of facts) {
    const others = each.needed.filter((library) => facts.has(library)).map((one) => facts.get(one))
    const outside = addons.find(({ file }) => file === name)?.outside ?? []
    const foreign = [...system, ...outside]
    for (const library of each.needed) {
      if (!facts.has(library) && !foreign.some((pattern) => pattern.test(library)))
        found.push(`${name} needs ${library}, which is neither beside it nor part of every system`)
    }
    for (const { from, version } of each.versions) {
      if (facts.has(from)) {
        if (!facts.get(from).definedVersions.includes(version))
          found.push(`${name} needs ${version}, which the ${from} beside it does not have`)
        continue
      }
      const [, kind = version, number = ''] = /^(\w+?)_([\d.]+)$/.exec(version) ?? []
      const floor = floors[kind]
      if (floor === undefined) found.push(`${name} needs ${version} of ${from}`)
      else if (newer(number, floor))
        found.push(`${name} needs ${version} of ${from}; ${kind}_${floor} is the most it may`)
    }
    const known = new Set(others.flatMap(({ defined }) => defined))
    for (const symbol of each.undefinedSymbols) {
      if (/^(napi|node_api)_/.test(symbol) || known.has(symbol)) continue
      if (outside.some((pattern) => pattern.test(symbol))) continue
      found.push(`${name} needs ${symbol}, which nothing defines`)
    }
    if (!name.endsWith('.node')) continue
    for (const symbol of each.defined) {
      if (!/^(napi|node_api)_/.test(symbol)) found.push(`${name} shows ${symbol} to the process`)
    }
    if (others.length > 0 && (each.rpath.join(':') !== '$ORIGIN' || each.runpath.length > 0))
      found.push(`${name} looks for its libraries in ${each.rpath.concat(each.runpath).join(':')}`)
  }
  return found
}
