import { broadOpenings, nearlyAll } from '../broad-openings.ts';
import type { FindingKind } from '../finding-kind.ts';
import { rowDraft } from '../row-draft.ts';
import { fromText } from '../../report/row-text.ts';
import type { Scope, Severity } from '../../report/report.ts';

const severities: Readonly<Record<Scope, Severity>> = {
  internet: 'high',
  private: 'low',
  specific: 'note',
  loopback: 'note',
};

export const anyPort: FindingKind = {
  code: 'FW2006',
  name: 'any-port',
  severity: 'high',
  explanation:
    'A rule opens every port of a protocol. Whatever is started on the host is reachable at once. High from the internet, low from private networks and from interfaces that face inside, a note from single addresses.',
  advice: 'Name the ports in the rule, or narrow it to the sources or the interface that it is meant for.',
  examples: {
    bad: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -j ACCEPT
COMMIT
`,
    },
    good: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m multiport --dports 80,443 -j ACCEPT
COMMIT
`,
    },
  },
  find: (context) =>
    broadOpenings(context)
      .filter(({ ports }) => ports >= nearlyAll)
      .map((opening) =>
        rowDraft(
          opening.first,
          severities[opening.first.row.scope],
          () =>
            `a rule opens every ${opening.first.row.protocol} port (${opening.text}) to ${fromText(opening.first.row)}`,
          () =>
            'Name the ports in the rule, or narrow it to the sources or the interface that it is meant for.',
        ),
      ),
};
