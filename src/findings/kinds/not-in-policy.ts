import type { Exposure } from '../../report/report.ts';
import type { FindingKind } from '../finding-kind.ts';
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
    return context.exposures.flatMap((row, index) => {
      if (row.policy?.verdict !== 'unlisted' || (row.byDefault === true && toldAlready)) return [];
      const policy = context.policy?.path ?? 'the policy';
      return [
        rowDraft(
          { row, index },
          housekeeping.includes(row.protocol) ? 'note' : 'medium',
          `${portsText(row)} ${openText(row)}, and ${policy} does not list it`,
          `Close it, or write under allow: ${entryText(row)}`,
        ),
      ];
    });
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
