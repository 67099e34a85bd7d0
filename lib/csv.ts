/** Numbers in rows: comma-separated values and their relatives. */
import {
  FormatError,
  InvalidArgumentError,
  invalidArgument,
  sentence,
  ShapeError,
  show,
} from './errors.js'
import { type LineParser, parseFile, parseText, pathOf, pieces } from './formats/files.js'
import { formatterOf, parseNumber } from './formats/numbers.js'
import { Matrix, type MatrixLike } from './matrix.js'
import { stridedOf } from './matrix/operand.js'
import { allocate } from './matrix/elements.js'
import { at, type Strided } from './matrix/strided.js'
import { checkOptions, expectBoolean } from './options.js'
import { writeWhole } from './output.js'

export interface ReadCsvOptions {
  /** What stands between two numbers: one character, or `' '` for any run of spaces and tabs. Default `','`. */
  delimiter?: string | undefined
  /** The first line names the columns. Default false. */
  header?: boolean | undefined
}

export interface WriteCsvOptions {
  /** One character. Default `','`. */
  delimiter?: string | undefined
  /** Names of the columns, for a first line. Default: none. */
  header?: readonly string[] | undefined
}

/** What {@link readCsv} gives. */
export interface CsvTable {
  matrix: Matrix
  /** Names of the columns; empty without a header. */
  names: string[]
}

function checkDelimiter(delimiter: string): string {
  if (typeof delimiter === 'string' && /^[^\d\s"+.eE-]$|^[\t ]$/.test(delimiter)) return delimiter
  throw invalidArgument(
    'one character that no number has, a tab or a space,',
    'delimiter',
    delimiter,
  )
}

/** A field in quotes, or one without any, and the delimiter behind it, empty at the end of the line. */
function fieldPattern(delimiter: string): RegExp {
  const one = delimiter === ' ' ? ' \\t' : delimiter.replace(/[\\\]^]/, '\\$&')
  const between = delimiter === ' ' ? '[ \\t]+' : `[${one}]`
  return new RegExp(` *(?:"((?:[^"]|"")*)" *|([^"${one}]*))(${between}|$)`, 'y')
}

class CsvParser implements LineParser<CsvTable> {
  readonly #delimiter: string
  #header: boolean
  #names: string[] = []
  #columns = -1
  #rows = 0
  #values: Float64Array = new Float64Array(1024)
  #length = 0

  constructor(name: string, options: ReadCsvOptions | undefined) {
    const { delimiter = ',', header = false } = checkOptions<ReadCsvOptions>(name, options, [
      'delimiter',
      'header',
    ])
    this.#delimiter = checkDelimiter(delimiter)
    this.#header = expectBoolean('header', header)
  }

  line(text: string, number: number): void {
    if (text.trim() === '' || text.startsWith('#')) return
    const fields = this.#split(text, number)
    if (this.#columns === -1) this.#columns = fields.length
    if (fields.length !== this.#columns) {
      throw new FormatError(
        `Expected ${this.#columns} fields as in the lines before but line ${number} has ${fields.length}`,
      )
    }
    if (this.#header) {
      this.#header = false
      this.#names = fields
      return
    }
    this.#reserve()
    fields.forEach((field, i) => {
      const value = parseNumber(field)
      if (value !== undefined) {
        this.#values[this.#length++] = value
        return
      }
      const hint =
        this.#rows === 0 && this.#names.length === 0 ? '; { header: true } takes it as names' : ''
      throw new FormatError(
        `Expected a number but field ${i + 1} of line ${number} is ${show(field)}${hint}`,
      )
    })
    this.#rows++
  }

  finish(): CsvTable {
    const columns = Math.max(0, this.#columns)
    const data = this.#values.slice(0, this.#length)
    return { matrix: new Matrix(this.#rows, columns, data), names: this.#names }
  }

  #split(text: string, number: number): string[] {
    if (text.includes('"')) return this.#splitQuoted(text, number)
    if (this.#delimiter === ' ') return text.trim().split(/[ \t]+/)
    return text.split(this.#delimiter).map((field) => field.trim())
  }

  /** Fields in quotes may hold delimiters and, doubled, quotes (RFC 4180); not the end of a line. */
  #splitQuoted(text: string, number: number): string[] {
    const line = this.#delimiter === ' ' ? text.trim() : text
    const fields: string[] = []
    const field = fieldPattern(this.#delimiter)
    for (let more = true; more;) {
      const match = field.exec(line)
      if (match === null) {
        throw new FormatError(
          `Expected quotes around a whole field but line ${number} has others: ${show(line)}`,
        )
      }
      const [, quoted, plain = '', delimiter] = match
      fields.push(quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"'))
      more = delimiter !== ''
    }
    return fields
  }

  #reserve(): void {
    if (this.#length + this.#columns <= this.#values.length) return
    const length = 2 * this.#values.length + this.#columns
    const larger = allocate('float64', length, 'the numbers of the CSV file') as Float64Array
    larger.set(this.#values)
    this.#values = larger
  }
}

/**
 * Reads numbers in rows. Blank lines and lines that begin with `#` are passed over; fields may stand in quotes; `nan`
 * and `inf` are numbers in any case.
 *
 * @throws ERR_FORMAT naming line and field for what is no number, and for lines of different lengths.
 *
 * @example
 * ```ts
 * import { decodeCsv } from 'numcore'
 * const { matrix, names } = decodeCsv('mass,charge\n1.5,-1\n2,1e-3\n', { header: true })
 * console.log(names, matrix.toArray()) // [ 'mass', 'charge' ] [ [ 1.5, -1 ], [ 2, 0.001 ] ]
 * ```
 */
export function decodeCsv(source: string | Uint8Array, options?: ReadCsvOptions): CsvTable {
  return parseText(source, new CsvParser('decodeCsv', options))
}

/**
 * Reads a file of numbers in rows; see {@link decodeCsv}. It is read piece by piece.
 *
 * @throws ERR_FILE when it cannot be read, and what {@link decodeCsv} throws.
 *
 * @example
 * ```ts
 * import { Matrix, readCsv, writeCsv } from 'numcore'
 * await writeCsv('A.csv', Matrix.identity(2), { header: ['x', 'y'] })
 * const { matrix } = await readCsv('A.csv', { header: true })
 * console.log(matrix.get(1, 1)) // 1
 * ```
 */
export async function readCsv(path: string | URL, options?: ReadCsvOptions): Promise<CsvTable> {
  return parseFile(path, new CsvParser('readCsv', options))
}

interface Prepared {
  matrix: Strided
  delimiter: string
  header: readonly string[] | undefined
}

function prepare(name: string, matrix: MatrixLike, options: WriteCsvOptions | undefined): Prepared {
  const { delimiter = ',', header } = checkOptions<WriteCsvOptions>(name, options, [
    'delimiter',
    'header',
  ])
  checkDelimiter(delimiter)
  const strided = stridedOf('matrix', matrix)
  if (header === undefined) return { matrix: strided, delimiter, header }
  if (!Array.isArray(header) || !header.every((each) => typeof each === 'string')) {
    throw invalidArgument('an array of names', 'header', header)
  }
  if (header.length !== strided.columns) {
    throw new ShapeError(
      `Expected ${strided.columns} names for header but received ${header.length} of type ${header.constructor.name}`,
    )
  }
  const broken = header.find((each) => /[\r\n]/.test(each))
  if (broken !== undefined) {
    throw new InvalidArgumentError(sentence('names of one line', 'header', broken))
  }
  return { matrix: strided, delimiter, header }
}

function* lines({ matrix, delimiter, header }: Prepared): Generator<string, void, undefined> {
  const quote = (name: string, first: boolean) =>
    name.includes(delimiter) || /^\s|["\t]|\s$|^$/.test(name) || (first && name.startsWith('#'))
      ? `"${name.replaceAll('"', '""')}"`
      : name
  if (header) yield `${header.map((name, i) => quote(name, i === 0)).join(delimiter)}\n`
  const number = formatterOf(matrix.elements)
  for (let i = 0; i < matrix.rows; i++) {
    const fields = Array.from({ length: matrix.columns }, (_, j) => number(at(matrix, i, j)))
    yield `${fields.join(delimiter)}\n`
  }
}

/**
 * The matrix as text, a row a line, in the fewest digits from which every number comes back to the last bit.
 *
 * @throws ERR_SHAPE when there are not as many names as columns.
 *
 * @example
 * ```ts
 * import { encodeCsv, Matrix } from 'numcore'
 * console.log(encodeCsv(Matrix.from([[0.1, 1e100]]), { delimiter: ';' }).trim()) // 0.1;1e+100
 * ```
 */
export function encodeCsv(matrix: MatrixLike, options?: WriteCsvOptions): string {
  return [...pieces(lines(prepare('encodeCsv', matrix, options)))].join('')
}

/**
 * Writes the matrix as text, whole or not at all; see {@link encodeCsv}. The elements are read while it is being
 * written, and are not to be changed until then.
 *
 * @throws ERR_FILE when it cannot be written.
 */
export async function writeCsv(
  path: string | URL,
  matrix: MatrixLike,
  options?: WriteCsvOptions,
): Promise<void> {
  await writeWhole(pathOf(path), pieces(lines(prepare('writeCsv', matrix, options))))
}
