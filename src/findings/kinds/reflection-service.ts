import type { FindingKind } from '../finding-kind.ts';
import { rowsLedBy } from '../leading-reason.ts';
import { rowDraft } from '../row-draft.ts';
import { openText, portsText } from '../../report/row-text.ts';

export const reflectionService: FindingKind = {
  code: 'FW2020',
  name: 'reflection-service',
  severity: 'medium',
  explanation:
    'A UDP service is open that answers forged sources with more than it receives, so that others can be flooded through it. Low for DNS and NTP, which are often meant to be public.',
  advice: 'Let in only the networks that need it, or limit the rate of answers in the service itself.',
  examples: {
    bad: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -p udp -m udp --dport 1900 -j ACCEPT
COMMIT
`,
    },
    good: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -s 192.0.2.1/32 -p udp -m udp --dport 1900 -j ACCEPT
COMMIT
`,
    },
  },
  find: (context) =>
    rowsLedBy(context, ['udp-reflection'])
      .filter(({ row }) => row.direction !== 'out')
      .map((one) => {
        const service = one.row.assignment?.service;
        return rowDraft(
          one,
          one.severity,
          () =>
            `${portsText(one.row)}${service === undefined ? '' : ` (${service})`} ${openText(one.row)} and can be used to flood others`,
          () => 'Let in only the networks that need it.',
        );
      }),
};
