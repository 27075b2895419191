import type { FindingKind } from '../finding-kind.ts';
import { rowsLedBy } from '../leading-reason.ts';
import { rowDraft } from '../row-draft.ts';
import { explainCommand, openText, portsText } from '../../report/row-text.ts';

const words = new Map([
  ['reserved', 'IANA reserves it: nothing should use it'],
  ['de-assigned', 'IANA has taken its assignment back'],
  ['assigned-private-use', 'it is assigned to no protocol, only to private use'],
  ['assigned-other-transport', 'its assignment is for the other transport only'],
]);

export const reservedOrDeassignedPort: FindingKind = {
  code: 'FW2002',
  name: 'reserved-or-deassigned-port',
  severity: 'medium',
  explanation:
    'A port is open that IANA reserves, has taken back, or assigns only for another transport. The usual cause is a rule that names the wrong protocol, or a service that no longer exists.',
  advice:
    'Check the protocol of the rule first: a service that speaks TCP needs no UDP rule. Remove the rule if nothing listens.',
  examples: {
    bad: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 2682 -j ACCEPT
COMMIT
`,
    },
    good: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 25 -j ACCEPT
COMMIT
`,
    },
  },
  find: (context) =>
    rowsLedBy(context, ['reserved', 'de-assigned', 'assigned-other-transport', 'assigned-private-use']).map(
      (one) =>
        rowDraft(
          one,
          one.severity,
          () =>
            `${portsText(one.row)} ${openText(one.row)}; ${words.get(one.row.assignment!.status) ?? 'IANA reserves some of these ports or has taken them back'}`,
          () =>
            `See what listens there: ${explainCommand(one.row)}. Check that the rule names the right protocol.`,
        ),
    ),
};
