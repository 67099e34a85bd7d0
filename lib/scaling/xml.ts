/** Text for an element or a quoted attribute of XML or HTML. Titles may come from a user's module. */
export function escapeXml(text: string): string {
  const names: Record<string, string> = {
    '&': 'amp',
    '<': 'lt',
    '>': 'gt',
    '"': 'quot',
    "'": '#39',
  }
  return (
    text
      .replace(/[&<>"']/g, (character) => `&${names[character]};`)
      // Control characters are not allowed in XML at all, not even escaped.
      .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
  )
}
