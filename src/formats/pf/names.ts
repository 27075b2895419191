import type { PfToken } from '../../../grammars/pf/tokens.ts';
import { refuse, spanOf } from './pf-context.ts';
import type { RuleNotes } from './pf-context.ts';

/**
 * How many bytes a name may have, the ending NUL left out: IFNAMSIZ (if.h), RTLABEL_LEN (route.h) and PF_TABLE_NAME_SIZE,
 * PF_TAG_NAME_SIZE, PF_RULE_LABEL_SIZE, PF_QNAME_SIZE (pfvar.h). OpenBSD, FreeBSD and macOS agree, and parse.y refuses more.
 */
const longest = {
  'an interface name': 15,
  'a route label': 31,
  'a table name': 31,
  'a tag': 63,
  'a label': 63,
  'a queue name': 63,
} as const;

export type NamedKind = keyof typeof longest;

export function checkName(kind: NamedKind, token: PfToken, notes: RuleNotes): void {
  if (!isShort(kind, token.image)) refuse(notes, token, `${kind} has at most ${longest[kind]} bytes`);
}

/** Whether a name is no longer than its kind may be. */
export function isShort(kind: NamedKind, name: string): boolean {
  const most = longest[kind];
  // No character takes more than three bytes for one of its UTF-16 units.
  return name.length * 3 <= most || Buffer.byteLength(name) <= most;
}

/** PF_ANCHOR_NAME_SIZE bounds each part of an anchor's path, MAXPATHLEN the whole. */
const longestAnchorPart = 63;
const longestAnchorPath = 1023;
/** Before OpenBSD 3.6 and FreeBSD 6. */
const longestOldAnchor = 15;

export function checkAnchorName(token: PfToken, notes: RuleNotes): void {
  const { image } = token;
  const part = image.split('/').find((name) => Buffer.byteLength(name) > longestAnchorPart);
  if (part !== undefined) refuse(notes, token, `an anchor name has at most ${longestAnchorPart} bytes`);
  else if (Buffer.byteLength(image) > longestAnchorPath)
    refuse(notes, token, `an anchor path has at most ${longestAnchorPath} bytes`);
  else if (
    !notes.context.printed &&
    notes.context.evidence.dialect === undefined &&
    Buffer.byteLength(image) > longestOldAnchor
  ) {
    notes.context.report(
      'FW1303',
      'note',
      spanOf(token, notes),
      `systems before OpenBSD 3.6 and FreeBSD 6 refuse anchor names of more than ${longestOldAnchor} bytes`,
    );
  }
}
