import type { FindingKind } from '../finding-kind.ts';
import { rowsLedBy } from '../leading-reason.ts';
import { rowDraft } from '../row-draft.ts';
import { openText, portsText } from '../../report/row-text.ts';

export const clearTextService: FindingKind = {
  code: 'FW2008',
  name: 'clear-text-service',
  severity: 'high',
  explanation:
    'A service is open whose protocol sends passwords or data unencrypted: everyone on the way can read and change them.',
  advice:
    'Replace it by its encrypted successor (SSH for telnet, SFTP for FTP, LDAPS for LDAP), or close it.',
  examples: {
    bad: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 23 -j ACCEPT
COMMIT
`,
    },
    good: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
COMMIT
`,
    },
  },
  find: (context) =>
    rowsLedBy(context, ['clear-text']).map((one) => {
      const service = one.row.assignment?.service;
      return rowDraft(
        one,
        one.severity,
        () =>
          `${portsText(one.row)}${service === undefined ? '' : ` (${service})`} ${openText(one.row)} and sends passwords or data unencrypted`,
        () => 'Replace it by its encrypted successor, or close it.',
      );
    }),
};
