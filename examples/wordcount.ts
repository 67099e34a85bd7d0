// Word count: the most frequent words of a book, Moby Dick unless another is named
import { fileURLToPath } from 'node:url'
import { readText, wordCount } from 'numcore'

const book = process.argv[2] ?? fileURLToPath(new URL('../data/moby-dick.txt', import.meta.url))

console.time('time to count')
const text = await readText(book)
const counts = await wordCount(text)
console.timeEnd('time to count')

console.log(`${text.length} words, ${counts.length} different ones`)
for (const { word, count, percentage } of counts.slice(0, 10)) {
  console.log(`${word} ${count} ${percentage}`)
}
