import { broadOpenings, nearlyAll } from '../broad-openings.ts';
import type { BroadOpening } from '../broad-openings.ts';
import type { FindingKind } from '../finding-kind.ts';
import { rowDraft } from '../row-draft.ts';
import { fromText } from '../../report/row-text.ts';
import type { Severity } from '../../report/report.ts';

export const wideRange: FindingKind = {
  code: 'FW2005',
  name: 'wide-range',
  severity: 'medium',
  explanation:
    'One rule opens more than 100 ports. Nobody knows what will listen on each of them tomorrow. From 1,000 ports on, open to the internet and without a known use, it is medium; otherwise low or a note.',
  advice:
    'Open only the ports that are used. Services with a range of ports can usually be told a smaller one.',
  examples: {
    bad: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 20000:29999 -j ACCEPT
COMMIT
`,
    },
    good: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 8080:8081 -j ACCEPT
COMMIT
`,
    },
  },
  find: (context) =>
    broadOpenings(context)
      .filter(({ ports }) => ports < nearlyAll)
      .map((opening) =>
        rowDraft(
          opening.first,
          severityOf(opening),
          () =>
            `one rule opens ${opening.ports.toLocaleString('en-US')} ports (${opening.text}) to ${fromText(opening.first.row)}${opening.knownUse === undefined ? '' : `; known to be used by ${opening.knownUse}`}`,
          () => 'Open only the ports that are used, or justify the range in the policy.',
        ),
      ),
};

function severityOf({ first, ports, knownUse }: BroadOpening): Severity {
  if (first.row.scope !== 'internet') return 'note';
  return ports >= 1000 && knownUse === undefined ? 'medium' : 'low';
}
