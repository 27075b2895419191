import { splitWords } from '../../../grammars/iptables/words.ts';
import type { Span } from '../../source/source.ts';
import type { Reporter } from './reporter.ts';

/** Bytes of a line that iptables-restore reads in one piece: its buffer of 10,240 bytes ends with a NUL (iptables-restore.c). */
const lineBytes = 10_239;

/** Bytes of a word (xt_param_buf in xshared.c, with a NUL), and how many words of a line fit beside iptables-restore's own (MAX_ARGC). */
const wordBytes = 1023;
const wordCount = 250;

/** A line shorter than this is within every limit, however many bytes its characters take. */
export const surelyShort = wordBytes / 3;

/** Characters of a line that are read at all. Nothing loads such a line, and expressions over it must not run out of stack. */
export const readAtMost = 1 << 14;

/** Says what makes iptables-restore refuse a line for its size. */
export function checkLineLimits(line: string, span: Span, reporter: Reporter): void {
  const bytes = Buffer.byteLength(line);
  if (bytes > lineBytes) {
    const unread =
      line.length > readAtMost ? ` fw-audit reads the first ${readAtMost} characters of it.` : '';
    reporter.add(
      {
        code: 'FW1108',
        severity: 'error',
        message: `iptables-restore refuses this line: it has ${bytes} bytes and is cut behind ${lineBytes}`,
        help: `iptables-restore would load nothing of this table; make several rules of it.${unread}`,
      },
      span,
    );
    return;
  }
  if (line.startsWith('#')) return;
  const { words } = splitWords(line);
  const long = words.find((word) => word.length > wordBytes / 3 && Buffer.byteLength(word) > wordBytes);
  if (long === undefined && words.length <= wordCount) return;
  reporter.add(
    {
      code: 'FW1108',
      severity: 'error',
      message:
        long === undefined
          ? `iptables-restore refuses this line: it has ${words.length} words and may have ${wordCount}`
          : `iptables-restore refuses this line: a word has ${Buffer.byteLength(long)} bytes and may have ${wordBytes}`,
      help: 'iptables-restore would load nothing of this table; shorten the line.',
      ...(long === undefined ? {} : { word: long }),
    },
    span,
  );
}
