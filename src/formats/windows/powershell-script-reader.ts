import { parsePowershellScript } from '../../../grammars/windows/powershell-script.ts';
import type { Source } from '../../source/source.ts';
import { readNetshCommands } from './netsh-commands-reader.ts';
import { ScriptRun } from './script-run.ts';
import type { WindowsFacts } from './windows-rule.ts';

/**
 * Scripts of New-NetFirewallRule and its kin: what they leave behind when they have run from start to end, on a host without rules of
 * its own. Nothing is run: variables that are set to constants are followed, and so are loops over constants; what is more than that is
 * a condition of the rule.
 */
export function readPowershellScript(source: Source): WindowsFacts {
  const netsh = netshIn(source);
  const run = new ScriptRun(source, [...(netsh?.rules ?? [])]);
  const statements = parsePowershellScript(source.text);
  if (statements === undefined) run.firewall.stop('the brackets of the script are nested too deep');
  else run.script(statements);
  const facts = run.firewall.facts();
  if (netsh === undefined) return facts;
  return {
    ...facts,
    profiles: [...facts.profiles, ...netsh.profiles],
    diagnostics: [...facts.diagnostics, ...netsh.diagnostics],
  };
}

/** What the netsh commands of the script do. */
function netshIn(source: Source): WindowsFacts | undefined {
  if (!/\bnetsh\b/i.test(source.text) || !/advf|\badv\b/i.test(source.text)) return undefined;
  const comments = /<#[\s\S]*?#>/g;
  const text = source.text.replace(comments, (comment) => comment.replace(/[^\r\n]/g, ' '));
  return readNetshCommands({ ...source, text });
}
