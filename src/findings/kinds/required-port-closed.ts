import type { FindingDraft, FindingKind } from '../finding-kind.ts';
import { joinWithAnd } from '../../report/row-text.ts';

export const requiredPortClosed: FindingKind = {
  code: 'FW2014',
  name: 'required-port-closed',
  severity: 'high',
  explanation:
    'The policy requires something to stay open, and the rules do not surely let it in. Loading them could lock you out. Low where a rule lets it in under a condition such as a rate limit.',
  advice: 'Let it in before anything drops it, or take the requirement out of the policy.',
  examples: {
    bad: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT
COMMIT
`,
      policy: `version: 1
require:
  - port: 22/tcp
    from: [192.0.2.0/24]
    reason: Admin access
`,
    },
    good: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -s 192.0.2.0/24 -p tcp -m tcp --dport 22 -j ACCEPT
COMMIT
`,
      policy: `version: 1
require:
  - port: 22/tcp
    from: [192.0.2.0/24]
    reason: Admin access
`,
    },
  },
  find: (context) => {
    const drafts = new Map<string, FindingDraft>();
    for (const missing of context.judgement?.missing ?? []) {
      const { entry, sources, ports, possible, family } = missing;
      const path = context.inputs[missing.input]?.path ?? '';
      const message = `${ports} must stay open to ${sourcesText(sources)} (${entry.place}: ${entry.reason}), but ${path} ${possible ? 'lets it in only under a condition' : 'does not let it in'}`;
      // The same of both families is one finding.
      const known = drafts.get(message);
      drafts.set(message, {
        severity: possible ? 'low' : 'high',
        message,
        help: 'Let it in before anything drops it, or take the requirement out of the policy.',
        at: entry.location,
        identity:
          known === undefined
            ? [path, entry.direction, ports, JSON.stringify(sources ?? 'any'), family]
            : [...known.identity, family],
      });
    }
    return [...drafts.values()];
  },
};

function sourcesText(sources: readonly string[] | undefined): string {
  if (sources === undefined) return 'anywhere';
  return sources.length <= 3
    ? joinWithAnd(sources)
    : `${sources.slice(0, 2).join(', ')} and ${sources.length - 2} more`;
}
