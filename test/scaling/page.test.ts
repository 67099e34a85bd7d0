/// <reference lib="dom" />
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { renderHtml, renderSvg } from 'numcore/scaling'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { sleep } from '../support/assertions.js'
import { sampleReport } from './fixtures/report.js'

const programs = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
/** Milliseconds after which something hangs: a browser may be slow to start, but not as slow as that. */
const timeout = 180_000
const executable = [process.env.CHROMIUM ?? '', ...programs.map((name) => `/usr/bin/${name}`)].find(
  (path) => path !== '' && existsSync(path),
)

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
interface Axe {
  run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>
}

describe('scaling page in Chromium', () => {
  let folder: string
  let browser: Browser | undefined
  let complaints: string[]
  let requests: string[]

  before(async function () {
    if (executable === undefined) {
      console.log('      (skipped: no Chromium here)')
      return this.skip()
    }
    folder = mkdtempSync(join(tmpdir(), 'numcore-page-'))
    writeFileSync(join(folder, 'index.html'), renderHtml(sampleReport()))
    writeFileSync(join(folder, 'scaling.svg'), renderSvg(sampleReport()))
    const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking']
    // Containers give /dev/shm too little room for it.
    args.push('--disable-dev-shm-usage')
    for (let attempt = 1; browser === undefined; attempt++) {
      try {
        browser = await chromium.launch({ executablePath: executable, args, timeout })
      } catch (error) {
        // A browser that does not start here says nothing about the page.
        if (attempt < 3) continue
        console.log(`      (skipped: ${executable} does not start: ${String(error).slice(0, 300)})`)
        return this.skip()
      }
    }
  })
  after(async () => {
    await browser?.close()
    if (folder) rmSync(folder, { recursive: true, force: true })
  })

  async function visit(name: string, options: BrowserContextOptions = {}): Promise<Page> {
    assert.ok(browser)
    complaints = []
    requests = []
    const page = await browser.newPage({ viewport: { width: 1200, height: 900 }, ...options })
    page.setDefaultTimeout(timeout)
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('request', (request) => requests.push(request.url()))
    await page.goto(pathToFileURL(join(folder, name)).href)
    return page
  }

  const telling = (page: Page, panel: number) =>
    page
      .locator('.figure svg')
      .nth(panel)
      .locator('.tell')
      .evaluateAll((elements) =>
        elements
          .filter((element) => getComputedStyle(element).visibility === 'visible')
          .map((element) => element.textContent),
      )

  /** What the browser shows follows the focus and the mouse with its next frame, not at once. */
  async function tells(page: Page, panel: number, expected: string[]): Promise<void> {
    const end = Date.now() + timeout
    for (;;) {
      const shown = await telling(page, panel)
      if (isDeepStrictEqual(shown, expected)) return
      if (Date.now() > end) assert.deepEqual(shown, expected)
      await sleep(20)
    }
  }

  it('says nothing on the console and asks nobody for anything', async () => {
    const page = await visit('index.html')
    assert.deepEqual(complaints, [])
    assert.deepEqual(
      requests.filter((url) => !url.startsWith('data:')),
      [page.url()],
    )
    assert.equal(await page.locator('h1').textContent(), 'Threads versus time')
    await page.close()
  })

  it('a point that gets the focus by the Tab key tells its numbers, and only it', async () => {
    const page = await visit('index.html')
    // Before: the row with the most threads speaks.
    assert.match((await telling(page, 0)).join('|'), /^4 threads: 0\.800 s/)
    await page.locator('.figure svg').first().locator('.point').first().focus()
    await tells(page, 0, ['1 thread: 2.000 s, 95 % 1.980–2.040, min 1.960'])
    await page.keyboard.press('Tab')
    await tells(page, 0, ['2 threads: 1.250 s, 95 % 1.238–1.275, min 1.225'])
    const label = await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))
    assert.equal(label, '2 threads: 1.250 s, 95 % 1.238–1.275, min 1.225')
    for (let i = 0; i < 3; ++i) await page.keyboard.press('Tab')
    await tells(page, 1, ['2 threads: 1.60×, 95 % 1.50–1.70'])
    await page.close()
  })

  it('a point under the mouse does so too, even while another has the focus', async () => {
    const page = await visit('index.html')
    const points = page.locator('.figure svg').nth(2).locator('.point')
    await points.nth(0).focus()
    await points.nth(1).locator('.dot').hover()
    await tells(page, 2, ['2 threads: 80 %, serial fraction 0.250, 64 % of the roof'])
    await page.close()
  })

  it('a peer under the focus tells its ratio, and whether it is one', async () => {
    const page = await visit('index.html')
    const peers = page.locator('.figure svg').nth(3).locator('.point')
    assert.equal(await peers.count(), 3)
    await peers.nth(1).focus()
    await tells(page, 3, ['numpy, 2 threads: 1.04×, 0.98–1.10, no difference'])
    await page.close()
  })

  it('the roofline tells speed and part of the roof', async () => {
    const page = await visit('index.html')
    const roofline = page.locator('#machine .figure svg')
    assert.equal(await roofline.count(), 1)
    await roofline.locator('.point').first().focus()
    await page.keyboard.press('Tab')
    const label = await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))
    assert.equal(label, 'inverse, 2 threads: 51.2 Gflop/s, 64 % of the roof')
    await page.close()
  })

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1200, 390]) {
      it(`${colorScheme}, ${width} px: axe-core finds nothing`, async () => {
        // The page's own policy forbids scripts, and axe is one.
        const page = await visit('index.html', { colorScheme, viewport: { width, height: 844 }, bypassCSP: true })
        await page.addScriptTag({ path: axe })
        const found = await page.evaluate(async () => {
          const { violations } = await (globalThis as unknown as { axe: Axe }).axe.run()
          return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
        })
        assert.deepEqual(found, [])
        await page.close()
      })
    }

    it(`${colorScheme}: text stands out from the page (contrast of at least 4.5)`, async () => {
      const page = await visit('index.html', { colorScheme })
      const colours = await page.evaluate(() => {
        const rgb = (colour: string) => (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number)
        const style = (selector: string) => {
          const element = document.querySelector(selector)
          if (element === null) throw new Error(`no ${selector}`)
          return getComputedStyle(element)
        }
        return {
          paper: rgb(style('html').backgroundColor),
          texts: [
            ...['h1', '.lede', '.notes', 'thead th', 'dt'].map((each) => rgb(style(each).color)),
            ...['.title', '.tick', '.tell'].map((each) => rgb(style(each).fill)),
          ],
        }
      })
      const paper = luminance(colours.paper)
      assert.ok(colorScheme === 'dark' ? paper < 0.1 : paper > 0.9)
      for (const colour of colours.texts) {
        const text = luminance(colour)
        const contrast = (Math.max(text, paper) + 0.05) / (Math.min(text, paper) + 0.05)
        assert.ok(contrast >= 4.5, `${colour}: ${contrast}`)
      }
      await page.close()
    })
  }

  it('fits a phone: nothing to scroll sideways, text of figures not smaller than 11 px', async () => {
    const page = await visit('index.html', { viewport: { width: 390, height: 844 } })
    const { over, scale } = await page.evaluate(() => ({
      over: document.documentElement.scrollWidth - window.innerWidth,
      scale: (document.querySelector('.figure svg')?.getBoundingClientRect().width ?? 0) / 344,
    }))
    assert.ok(over <= 0, `${over} px too wide`)
    assert.ok(12 * scale >= 11, String(scale))
    await page.close()
  })

  it('nothing in a figure leaves its panel or lies on its heading', async () => {
    const page = await visit('index.html')
    const outside = await page.locator('.figure svg').evaluateAll((panels) =>
      panels.flatMap((panel) => {
        const frame = panel.getBoundingClientRect()
        const within = (box: DOMRect) =>
          box.left >= frame.left - 1 &&
          box.right <= frame.right + 1 &&
          box.top >= frame.top - 1 &&
          box.bottom <= frame.bottom + 1
        return [...panel.querySelectorAll('text, .dot, .interval')]
          .filter((element) => !within(element.getBoundingClientRect()))
          .map((element) => element.outerHTML)
      }),
    )
    assert.deepEqual(outside, [])
    await page.close()
  })

  it('the SVG file is valid XML for a browser, as a picture too', async () => {
    const page = await visit('scaling.svg')
    assert.deepEqual(complaints, [])
    assert.equal(await page.evaluate(() => document.documentElement.localName), 'svg')
    assert.equal(await page.evaluate(() => document.querySelector('parsererror')), null)
    await page.close()
  })
})

/** Relative luminance of the Web Content Accessibility Guidelines. */
function luminance(colour: readonly number[]): number {
  const [r = 0, g = 0, b = 0] = colour.map((channel) => {
    const c = channel / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
