/** A code page of Windows consoles and editors that Node's own TextDecoder knows. */
interface CodePage {
  readonly label: string;
  readonly name: string;
  /** Letters of the languages that use the page. */
  readonly letters: RegExp;
}

const codePages: readonly CodePage[] = [
  { label: 'ibm866', name: 'code page 866 (Russian console)', letters: /[\u0410-\u044f\u0401\u0451]/gu },
  { label: 'windows-1251', name: 'Windows-1251 (Cyrillic)', letters: /[\u0410-\u044f\u0401\u0451]/gu },
  {
    label: 'shift_jis',
    name: 'code page 932 (Japanese)',
    letters: /[\u3041-\u3096\u30a1-\u30fc\u4e00-\u9fff]/gu,
  },
  { label: 'gb18030', name: 'code page 936 (simplified Chinese)', letters: /[\u4e00-\u9fff]/gu },
  { label: 'big5', name: 'code page 950 (traditional Chinese)', letters: /[\u4e00-\u9fff]/gu },
];

/** Bytes looked at to choose a page. */
const sampleSize = 1 << 16;
/** The choice must stand out: a page whose letters make up less of its characters beyond ASCII is not believed. */
const enough = 0.8;

/**
 * Text of a code page whose letters are not Latin, or undefined.
 *
 * In Western text a byte beyond ASCII is one accented letter among plain ones; in Russian, Japanese or Chinese text such bytes stand in
 * runs. Where they do, the page is taken whose reading consists of its own letters, and among those the one with most kana (Japanese)
 * or the commonest characters: GB 2312 puts its common characters where Big5 has rare ones, and the other way round.
 */
export function decodeForeign(body: Buffer): { readonly text: string; readonly name: string } | undefined {
  const sample = beyondAscii(body);
  if (sample === undefined) return undefined;
  let best: CodePage | undefined;
  let bestScore = enough;
  for (const page of codePages) {
    const score = scoreOf(sample, page);
    if (score > bestScore) {
      best = page;
      bestScore = score;
    }
  }
  if (best === undefined) return undefined;
  try {
    return {
      text: new TextDecoder(best.label, { fatal: true, ignoreBOM: true }).decode(body),
      name: best.name,
    };
  } catch {
    return undefined;
  }
}

/** The lines that hold bytes beyond ASCII, if most of those bytes stand in runs. */
function beyondAscii(body: Buffer): Buffer | undefined {
  let high = 0;
  let inRuns = 0;
  const lines: Buffer[] = [];
  let size = 0;
  let start = 0;
  while (start < body.length && size < sampleSize) {
    const newline = body.indexOf(10, start);
    const end = newline < 0 ? body.length : newline;
    const line = body.subarray(start, end);
    let found = false;
    for (let i = 0; i < line.length; i++) {
      if (line[i]! < 0x80) continue;
      found = true;
      high++;
      // The second byte of a Japanese or Chinese character may be an ASCII letter, so the next but one counts too.
      const near = [line[i - 2], line[i - 1], line[i + 1], line[i + 2]];
      if (near.some((byte) => (byte ?? 0) >= 0x80)) inRuns++;
    }
    if (found) {
      lines.push(line);
      size += line.length;
    }
    start = end + 1;
  }
  return high >= 4 && inRuns * 4 >= high * 3 ? Buffer.concat(lines) : undefined;
}

function scoreOf(sample: Buffer, { label, letters }: CodePage): number {
  let text: string;
  try {
    text = new TextDecoder(label, { fatal: true }).decode(sample);
  } catch {
    return 0;
  }
  const others = text.match(/[^\u0000-\u007f]/gu)?.length ?? 0;
  const own = text.match(letters)?.length ?? 0;
  if (others === 0) return 0;
  const share = own / others;
  if (share < enough) return 0;
  switch (label) {
    case 'shift_jis':
      // Half-width katakana are what Chinese bytes look like in this page; real Japanese has full-width kana.
      return (
        share * (/[\u30a1-\u30fc\u3041-\u3096]/u.test(text) && !/[\uff61-\uff9f]{2}/u.test(text) ? 1 : 0.5)
      );
    case 'gb18030':
      return share * commonShare(sample, 0xb0, 0xd7, 0xa1, 0xfe);
    case 'big5':
      return share * commonShare(sample, 0xa4, 0xc6, 0x40, 0xfe);
    default:
      // Small letters are most of any text; read in the wrong Cyrillic page they turn into capitals and box drawings.
      return share * ((text.match(/[\u0430-\u044f\u0451]/gu)?.length ?? 0) * 2 > own ? 1 : 0.5);
  }
}

/** How many of the two-byte characters stand where a page keeps its commonest ones. */
function commonShare(
  sample: Buffer,
  leadFrom: number,
  leadTo: number,
  trailFrom: number,
  trailTo: number,
): number {
  let all = 0;
  let common = 0;
  for (let i = 0; i < sample.length; i++) {
    const lead = sample[i]!;
    if (lead < 0x80) continue;
    const trail = sample[++i] ?? 0;
    all++;
    if (lead >= leadFrom && lead <= leadTo && trail >= trailFrom && trail <= trailTo) common++;
  }
  return all === 0 ? 0 : common / all;
}
