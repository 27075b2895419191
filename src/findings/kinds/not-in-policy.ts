import type { Exposure } from '../../report/report.ts';
import { portListText } from '../broad-openings.ts';
import type { FindingDraft, FindingKind } from '../finding-kind.ts';
import { broadRows, openingKey } from '../open-rows.ts';
import type { NumberedRow } from '../open-rows.ts';
import { rowDraft } from '../row-draft.ts';
import { openText, portsText } from '../../report/row-text.ts';

/** Without these hosts cannot tell each other what goes wrong, and IPv6 does not work at all (RFC 4890). */
const housekeeping: readonly string[] = ['icmp', 'icmpv6', 'igmp'];

export const notInPolicy: FindingKind = {
  code: 'FW2012',
  name: 'not-in-policy',
  severity: 'medium',
  explanation:
    'Something is open that no allow entry of the policy covers. For ICMP and IGMP, which hosts need, it is a note.',
  advice: 'Close it, or add an entry with a reason to the policy: `fw-audit policy suggest` writes it.',
  examples: {
    bad: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 8443 -j ACCEPT
COMMIT
`,
      policy: `version: 1
allow:
  - port: 443/tcp
    reason: Public web site
`,
    },
    good: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT
COMMIT
`,
      policy: `version: 1
allow:
  - port: 443/tcp
    reason: Public web site
`,
    },
  },
  find: (context) => {
    // What comes in because no rule decides is one finding, default-accept, and not one for every range of ports.
    const toldAlready = context.policy?.severity.get('default-accept') !== 'none';
    const broad = broadRows(context.exposures);
    const policy = context.policy?.path ?? 'the policy';
    const unlisted = context.exposures
      .map((row, index) => ({ row, index }))
      .filter(({ row }) => row.policy?.verdict === 'unlisted' && !(row.byDefault === true && toldAlready));
    const groups = new Map<string, NumberedRow[]>();
    const drafts = unlisted.flatMap((one): FindingDraft[] => {
      const { row } = one;
      if (broad.has(row)) {
        const key = openingKey(row);
        const group = groups.get(key);
        if (group === undefined) groups.set(key, [one]);
        else group.push(one);
        return [];
      }
      return [
        rowDraft(
          one,
          housekeeping.includes(row.protocol) ? 'note' : 'medium',
          () => `${portsText(row)} ${openText(row)}, and ${policy} does not list it`,
          () => `Close it, or write under allow: ${entryText(row)}`,
        ),
      ];
    });
    for (const group of groups.values()) {
      const rows = group.map(({ row }) => row);
      const draft = rowDraft(
        group[0]!,
        'medium',
        () =>
          `${portListText(rows)} ${openText(rows[0]!)}, and ${policy} does not list ${rows.length === 1 ? 'that' : 'them all'}`,
        () => 'Open only the ports that are used, and justify those.',
      );
      drafts.push({ ...draft, identity: [...draft.identity, portListText(rows)] });
    }
    return drafts;
  },
};

/** The entry that would justify the row, on one line. */
export function entryText(row: Exposure): string {
  const sources = row.from.some((element) => element.sources === undefined)
    ? undefined
    : [...new Set(row.from.flatMap((element) => element.sources ?? []))];
  const parts = [
    `port: ${entryPort(row)}`,
    ...(sources === undefined
      ? []
      : [`from: [${sources.slice(0, 8).join(', ')}${sources.length > 8 ? ', …' : ''}]`]),
    ...(row.direction === 'in' ? [] : [`direction: ${row.direction}`]),
    'reason: …',
  ];
  return `{${parts.join(', ')}}`;
}

function entryPort(row: Exposure): string {
  if (row.ports !== null) return portsText(row);
  return /^[0-9]+$/.test(row.protocol) ? `protocol-${row.protocol}` : row.protocol;
}
