import type { Detection } from '../format.ts';
import { beginningOf } from '../../source/beginning.ts';
import type { Source } from '../../source/source.ts';
import { delimiterOf } from './delimiter.ts';
import { kindOf } from './exported-object.ts';
import { isMmcHeader } from './mmc-header.ts';
import { netshLanguageOf } from './netsh-language-of.ts';
import { tableColumns } from './table-objects.ts';

/** How much of a text detection looks at: profile settings may precede the first rule. */
export const sampleSize = 1 << 18;

/** The kind of export, by content alone. */
export function detectWindows(source: Source): Detection | undefined {
  const sample = source.text.slice(0, sampleSize);
  const body = sample.trimStart();
  const registry =
    /^(?:Windows Registry Editor Version|REGEDIT4)[^\r\n]*\s*(?:; from (Registry\.pol|a registry hive))?/.exec(
      body,
    );
  if (registry !== null) {
    const from = registry[1];
    return {
      score: 1,
      dialect: from === undefined ? 'reg' : from === 'Registry.pol' ? 'registry-pol' : 'registry-hive',
    };
  }
  if (body.startsWith('<') && !body.startsWith('<#')) return detectXml(body);
  if (body.startsWith('{') || body.startsWith('['))
    return detectJson(body) ?? detectScript(beginningOf(body, sampleSize));
  if (isLgpoText(sample)) return { score: 1, dialect: 'registry-pol' };
  const language = netshLanguageOf(sample);
  if (language !== undefined) return { score: 0.95, dialect: `netsh-${language.code}` };
  const lines = beginningOf(source.text, sampleSize).trimStart();
  return detectTable(body) ?? detectView(body) ?? detectScript(lines) ?? detectLines(lines);
}

function detectXml(body: string): Detection | undefined {
  if (/^<Objs\s/.test(body) && body.includes('schemas.microsoft.com/powershell/2004/04')) {
    return { score: /Firewall/i.test(body) ? 1 : 0.6, dialect: 'clixml' };
  }
  const head = body.slice(0, sampleSize);
  if (/\/MdmStore\//i.test(head)) return { score: 1, dialect: 'csp' };
  if (/Settings\/WindowsFirewall"|WindowsFirewallSettings/.test(head))
    return { score: 1, dialect: 'policy-report' };
  return undefined;
}

function detectJson(body: string): Detection | undefined {
  if (
    /"trafficDirection"\s*:\s*"(?:in|out|notConfigured)"|"(?:local|remote)(?:Port|Address)Ranges"\s*:|"firewallProfile(?:Domain|Private|Public)"\s*:\s*\{/.test(
      body,
    )
  )
    return { score: 1, dialect: 'graph' };
  const names =
    /"(?:DisplayName|InstanceID|EdgeTraversalPolicy|LocalPorts?|RemoteAddress(?:es)?|DefaultInboundAction|InterfaceAlias|ApplicationName|Program|Authentication|fwAuditCollector)"\s*:/i;
  if (!names.test(body)) return undefined;
  if (body.includes('"fwAuditCollector"')) return { score: 1, dialect: 'collector' };
  const own =
    /"(?:Direction|DefaultInboundAction|LocalPorts?|InterfaceAlias|Program|EdgeTraversalPolicy|Authentication)"\s*:/i;
  return { score: own.test(body) ? 0.95 : 0.3, dialect: 'powershell-json' };
}

/** What LGPO.exe makes of a Registry.pol. */
export function isLgpoText(sample: string): boolean {
  return /^(?:Computer|User:?[^\r\n]*)[ \t]*\r?\nSoftware\\Policies\\Microsoft\\WindowsFirewall\b/im.test(
    sample,
  );
}

/** Tables are known by their header. */
function detectTable(body: string): Detection | undefined {
  let start = 0;
  if (body.startsWith('#TYPE')) start = body.indexOf('\n') + 1;
  const end = body.indexOf('\n', start);
  const header = body.slice(start, end < 0 ? undefined : end).trim();
  if (header.length > 4096) return undefined;
  if (isMmcHeader(header)) return { score: 0.95, dialect: 'mmc' };
  const names = header
    .split(delimiterOf(header))
    .map((name) => name.trim().replace(/^"|"$/g, '').toLowerCase());
  if (names.length < 3 || kindOf(new Map(names.map((name) => [name, true]))) === undefined) return undefined;
  return { score: body.startsWith('#TYPE') ? 1 : 0.9, dialect: 'powershell-csv' };
}

/** The table view of Get-NetFirewallRule, or of a script that joins its filters. */
function detectView(body: string): Detection | undefined {
  const names = tableColumns(body.slice(0, 1 << 14));
  const has = (name: string): boolean => names?.includes(name) === true;
  return has('direction') && has('action') && has('enabled')
    ? { score: 0.9, dialect: 'powershell-table' }
    : undefined;
}

/** Commands that make or change rules, where a command may stand; not a document that quotes some. */
function detectScript(body: string): Detection | undefined {
  if (/^[ \t]*```/m.test(body)) return undefined;
  return /^(?:[^#\r\n]*[;{(|=&])?[ \t]*(?:New|Set|Enable|Disable|Remove)-NetFirewall(?:Rule|Profile)\b/im.test(
    body,
  )
    ? { score: 0.9, dialect: 'powershell-script' }
    : undefined;
}

function detectLines(body: string): Detection | undefined {
  if (/^HKEY_[^\r\n]*(?:Firewall|SharedAccess)/im.test(body) && /\sREG_(?:SZ|DWORD)\s/.test(body)) {
    return { score: 1, dialect: 'reg-query' };
  }
  if (
    /^(?:Name|DisplayName|InstanceID|Profile|Protocol|Caption) +: /m.test(body) &&
    /^(?:Direction|DefaultInboundAction|LocalPort|RemoteAddress|Program|InterfaceAlias|Authentication) +: /m.test(
      body,
    )
  ) {
    return { score: 0.95, dialect: 'powershell-list' };
  }
  if (/\bnetsh(?:\.exe)?"?[ \t]+(?:adv)?firewall[ \t]+\w/i.test(body))
    return { score: 0.9, dialect: 'netsh-commands' };
  if (/^[ \t]*advfirewall[ \t]+(?:firewall|set)[ \t]+\w/im.test(body))
    return { score: 0.8, dialect: 'netsh-commands' };
  // A script for `netsh -f` that has entered the context, or is run in it.
  if (/^[ \t]*(?:add|set|delete)[ \t]+rule[ \t]+(?:\w+=.*[ \t])?(?:dir=(?:in|out)|name=)/im.test(body))
    return { score: 0.95, dialect: 'netsh-commands' };
  // Label, dashes, and labelled lines with their values at column 38: netsh in a language we have no words for.
  if (/^[^\r\n]{1,40}[:：][^\r\n]*\r?\n-{70}[ \t]*\r?\n[^\r\n:：]{1,36}[:：]/m.test(body)) {
    return { score: 0.5, dialect: 'netsh-unknown' };
  }
  return undefined;
}
