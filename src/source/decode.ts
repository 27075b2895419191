import { isAscii, isUtf8 } from 'node:buffer';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { decodeForeign } from './code-pages.ts';
import { isRegistryHive, readRegistryHive } from './registry-hive.ts';
import { isRegistryPol, readRegistryPol } from './registry-pol.ts';
import type { Encoding, Source } from './source.ts';

export interface DecodeOptions {
  /** Bytes; larger inputs are refused (FW1006). V8 cannot hold a string of more than 2^29 - 24 characters anyway. */
  readonly maxSize?: number;
}

/** 256 MiB: 25 times the largest rule set that anybody has reported to load. */
export const defaultMaxSize = 256 * 1024 * 1024;

export type Decoded =
  /** `notes` tell which encoding had to be assumed. */
  | { readonly kind: 'text'; readonly source: Source; readonly notes: readonly Diagnostic[] }
  /** Nothing may be concluded from the input; `source.text` reaches just far enough to show the place. */
  | { readonly kind: 'refused'; readonly source: Source; readonly diagnostic: Diagnostic };

/**
 * Bytes to text.
 *
 * Firewall exports come as UTF-8, with a byte order mark when PowerShell wrote them, as UTF-16 (`reg export`, `>` in Windows PowerShell)
 * with or without a mark, or in the code page of a Windows console (`netsh ... > file`). A NUL byte in anything else is refused:
 * C programs such as iptables-restore stop reading a line there, so two readers would see two rule sets.
 */
export function decode(
  bytes: Uint8Array,
  path: string,
  id: number,
  { maxSize = defaultMaxSize }: DecodeOptions = {},
): Decoded {
  if (bytes.length > maxSize) {
    const message = `the input has ${bytes.length} bytes; at most ${maxSize} are read`;
    return refused(id, path, '', 0, 0, 'FW1006', message, 'Raise the limit with --max-size if you trust it.');
  }
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const registry = registryContent(buffer);
  if (registry !== undefined) {
    if ('problem' in registry)
      return refused(id, path, '', 0, 0, 'FW1402', registry.problem, readableExports);
    return { kind: 'text', source: { id, path, text: registry.text, encoding: 'utf-16le' }, notes: [] };
  }
  const marked = markedUtf16(buffer);
  if (marked === 'utf-32') {
    const message = 'the input is UTF-32, which no firewall tool writes';
    return refused(id, path, '', 0, 0, 'FW1002', message, 'Convert it to UTF-8, for instance with iconv(1).');
  }
  if (marked !== undefined) return decodeUtf16(buffer.subarray(2), path, id, marked);
  const nul = buffer.indexOf(0);
  if (nul >= 0) {
    const unmarked = unmarkedUtf16(buffer);
    return unmarked === undefined
      ? refusedNul(buffer, path, id, nul)
      : decodeUtf16(buffer, path, id, unmarked);
  }
  const bom = buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf;
  const body = bom ? buffer.subarray(3) : buffer;
  if (isUtf8(body)) {
    const text = isAscii(body) ? body.toString('latin1') : body.toString('utf8');
    return { kind: 'text', source: { id, path, text, encoding: bom ? 'utf-8-bom' : 'utf-8' }, notes: [] };
  }
  return decodeCodePage(body, path, id);
}

/** Binary registry files become the text of a `.reg` file, which has lines to point at. */
function registryContent(
  buffer: Buffer,
): { readonly text: string } | { readonly problem: string } | undefined {
  if (isRegistryPol(buffer)) return readRegistryPol(buffer);
  return isRegistryHive(buffer) ? readRegistryHive(buffer) : undefined;
}

const readableExports =
  'Export something readable: “reg export HKLM\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy rules.reg”, or the collector command that “fw-audit formats windows” prints.';

function markedUtf16(buffer: Buffer): 'utf-16le' | 'utf-16be' | 'utf-32' | undefined {
  if (buffer.length >= 4) {
    const first = buffer.readUInt32BE(0);
    if (first === 0xfffe0000 || first === 0x0000feff) return 'utf-32';
  }
  if (buffer.length < 2) return undefined;
  const mark = buffer.readUInt16BE(0);
  return mark === 0xfffe ? 'utf-16le' : mark === 0xfeff ? 'utf-16be' : undefined;
}

const sampleSize = 4096;

/**
 * UTF-16 without a mark: rule files are mostly ASCII and begin with it, so every other byte is NUL from the first character on, and
 * always the same other. A stray NUL in a file of single bytes does not look like that.
 */
function unmarkedUtf16(buffer: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  const pairs = Math.min(buffer.length, sampleSize) >> 1;
  if (pairs < 2) return undefined;
  const zeros = [0, 0];
  for (let i = 0; i < pairs * 2; i++) if (buffer[i] === 0) zeros[i & 1]!++;
  const [even, odd] = zeros as [number, number];
  if (even === 0 && buffer[1] === 0 && odd * 2 >= pairs) return 'utf-16le';
  if (odd === 0 && buffer[0] === 0 && even * 2 >= pairs) return 'utf-16be';
  return undefined;
}

function decodeUtf16(
  body: Buffer,
  path: string,
  id: number,
  encoding: Extract<Encoding, 'utf-16le' | 'utf-16be'>,
): Decoded {
  const whole = body.subarray(0, body.length & ~1);
  const units = encoding === 'utf-16le' ? whole : Buffer.from(whole).swap16();
  const narrow = narrowText(units);
  const text = narrow ?? units.toString('utf16le');
  const help = 'Export the rules again, or convert the file to UTF-8.';
  const refuse = (at: number, message: string): Decoded =>
    refused(id, path, text.slice(0, lineEnd(text, at)), at, at + 1, 'FW1002', message, help);
  const nul = text.indexOf('\0');
  if (nul >= 0) return refuse(nul, `a NUL character in ${encoding.toUpperCase()} text`);
  const lone = narrow === undefined ? text.search(/\p{Surrogate}/u) : -1;
  if (lone >= 0) return refuse(lone, 'half of a surrogate pair: not valid UTF-16');
  if (whole.length !== body.length) {
    return refuse(text.length, `the ${encoding.toUpperCase()} text ends in the middle of a character`);
  }
  return { kind: 'text', source: { id, path, text, encoding }, notes: [] };
}

/**
 * UTF-16LE whose characters all fit a byte, as the engine's text of single bytes: half as large, and read faster. Undefined where some
 * character does not fit.
 */
function narrowText(body: Buffer): string | undefined {
  const bytes = Buffer.allocUnsafe(body.length >> 1);
  for (let i = 0, at = 0; i < bytes.length; i++, at += 2) {
    if (body[at + 1] !== 0) return undefined;
    bytes[i] = body[at]!;
  }
  return bytes.toString('latin1');
}

/** Single bytes in a Windows code page. Control characters there mean that it is no text at all. */
function decodeCodePage(body: Buffer, path: string, id: number): Decoded {
  const bad = firstInvalidUtf8(body);
  const latin1 = body.toString('latin1');
  const control = latin1.search(controlCharacters);
  if (control >= 0) {
    const shown = latin1.slice(0, lineEnd(latin1, bad));
    const byte = hex(body[bad]!);
    const message = `byte ${byte} is not valid UTF-8, and control characters say that this is no text in a code page either`;
    return refused(
      id,
      path,
      shown,
      bad,
      bad + 1,
      'FW1002',
      message,
      'Give the exported text, not a binary file.',
    );
  }
  const foreign = decodeForeign(body);
  const encoding: Encoding = foreign !== undefined || looksLikeOem(body) ? 'oem' : 'windows-1252';
  const table = encoding === 'oem' ? codePage850 : windows1252;
  const text = foreign?.text ?? latin1.replace(/[\x80-\xff]/g, (c) => table[c.charCodeAt(0) - 0x80] ?? c);
  const name = foreign?.name ?? (encoding === 'oem' ? 'a Windows console (code page 850)' : 'Windows-1252');
  return {
    kind: 'text',
    source: { id, path, text, encoding },
    notes: [
      {
        code: 'FW1011',
        severity: 'note',
        message: `byte ${hex(body[bad]!)} is not valid UTF-8; the input was read as text of ${name}`,
        span: { source: id, start: bad, end: bad + 1 },
        help: 'Only letters beyond ASCII, in names and comments, depend on this. Save the export as UTF-8 to be sure of them.',
      },
    ],
  };
}

// Tab to carriage return, Ctrl-Z (the end mark of DOS) and escape occur in text that consoles wrote.

const controlCharacters = /[\x00-\x08\x0e-\x19\x1c-\x1f\x7f]/;

/**
 * Which code page? Beside ASCII letters, Windows-1252 puts its letters at C0-FF and punctuation at 80-9F; the console's pages 437 and
 * 850 put their letters at 80-A5 and box drawing at C0-DF.
 */
function looksLikeOem(body: Buffer): boolean {
  let oem = 0;
  let windows = 0;
  for (let i = 0; i < body.length; i++) {
    const byte = body[i]!;
    if (byte < 0x80 || !(isLetter(body[i - 1]) || isLetter(body[i + 1]))) continue;
    if (byte <= 0xa5) oem++;
    else if (byte >= 0xc0) windows++;
  }
  return oem > windows;
}

function isLetter(byte: number | undefined): boolean {
  return byte !== undefined && (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
}

/** Offset of the first byte that begins no well-formed sequence (Unicode 15, table 3-7). */
function firstInvalidUtf8(bytes: Uint8Array): number {
  let i = 0;
  while (i < bytes.length) {
    const lead = bytes[i]!;
    if (lead < 0x80) {
      i++;
      continue;
    }
    const length =
      lead >= 0xc2 && lead <= 0xdf
        ? 2
        : lead >= 0xe0 && lead <= 0xef
          ? 3
          : lead >= 0xf0 && lead <= 0xf4
            ? 4
            : 0;
    if (length === 0) return i;
    const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    const second = bytes[i + 1];
    if (second === undefined || second < low || second > high) return i;
    for (let k = 2; k < length; k++) {
      const next = bytes[i + k];
      if (next === undefined || (next & 0xc0) !== 0x80) return i;
    }
    i += length;
  }
  return i;
}

function refusedNul(buffer: Buffer, path: string, id: number, nul: number): Decoded {
  const before = buffer.subarray(0, nul).toString('utf8');
  const after = buffer.subarray(nul + 1, nul + 121).toString('latin1');
  const text = before + '\0' + after.slice(0, lineEnd(after, 0));
  return refused(
    id,
    path,
    text,
    before.length,
    before.length + 1,
    'FW1002',
    `a NUL byte at offset ${nul}`,
    'Firewall tools stop reading a line at a NUL byte. Export the rules again; a text export holds none.',
  );
}

function refused(
  id: number,
  path: string,
  text: string,
  start: number,
  end: number,
  code: 'FW1002' | 'FW1006' | 'FW1402',
  message: string,
  help: string,
): Decoded {
  return {
    kind: 'refused',
    source: { id, path, text, encoding: 'utf-8' },
    diagnostic: { code, severity: 'error', message, span: { source: id, start, end }, help },
  };
}

/** End of the line that holds `offset`, or 120 characters on: enough to show. */
function lineEnd(text: string, offset: number): number {
  const limit = Math.min(text.length, offset + 120);
  for (let i = offset; i < limit; i++) if (text[i] === '\n' || text[i] === '\r') return i;
  return limit;
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0')}`;
}

/** 80-9F of Windows-1252 (Unicode's CP1252.TXT; the five holes as their C1 controls); the rest is Latin-1. */
const windows1252 = [
  ...'€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ',
  ...Array.from({ length: 96 }, (_, i) => String.fromCharCode(0xa0 + i)),
];

/** 80-FF of code page 850 (Unicode's CP850.TXT). */
const codePage850 = [
  ...'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤',
  ...'ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0',
];
