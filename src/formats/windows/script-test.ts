import type { ScriptNode, Statement } from '../../../grammars/windows/powershell-script.ts';
import { pipelineOf } from './script-commands.ts';
import type { ScriptFirewall } from './script-firewall.ts';
import type { Variables } from './script-values.ts';

/**
 * Whether a condition holds. Only one question can be answered: whether a rule is there that the script has made
 * (`-not (Get-NetFirewallRule …)`).
 */
export function testOf(
  nodes: Statement,
  variables: Variables,
  firewall: ScriptFirewall,
): boolean | undefined {
  const finds = (statement: Statement): boolean | undefined => {
    const [command, ...more] = pipelineOf(statement, variables);
    return command?.name === 'get-netfirewallrule' && more.length === 0 ? firewall.anyOf(command) : undefined;
  };
  const exists = (node: ScriptNode | undefined): boolean | undefined => {
    if (node?.kind === 'variable') {
      const value = node.path === '' ? variables.get(node.name) : undefined;
      return value?.kind === 'found' ? value.exists : undefined;
    }
    const inner = node?.kind === 'group' && node.bracket === 'paren' ? node.statements : [];
    return inner.length === 1 ? finds(inner[0]!) : undefined;
  };
  const [first, second, third] = nodes;
  const negates =
    (first?.kind === 'parameter' && first.name === 'not') ||
    (first?.kind === 'mark' && first.mark === 'operator' && first.text === '!');
  if (negates && nodes.length === 2) return negated(exists(second));
  if (first?.kind === 'text') return finds(nodes);
  if (nodes.length === 1) return exists(first);
  if (nodes.length !== 3 || second?.kind !== 'parameter') return undefined;
  const asked = isNull(first) ? third : isNull(third) ? first : undefined;
  if (asked === undefined) return undefined;
  if (second.name === 'eq') return negated(exists(asked));
  return second.name === 'ne' ? exists(asked) : undefined;
}

function isNull(node: ScriptNode | undefined): boolean {
  return node?.kind === 'variable' && node.name === 'null';
}

function negated(answer: boolean | undefined): boolean | undefined {
  return answer === undefined ? undefined : !answer;
}
