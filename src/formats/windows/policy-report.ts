import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { RuleStringField } from '../../../grammars/windows/rule-string.ts';
import type { Source } from '../../source/source.ts';
import { readRegistryRules } from './registry-rule.ts';
import {
  windowsProfiles,
  type ProfileSettings,
  type WindowsFacts,
  type WindowsRule,
} from './windows-rule.ts';
import { childText, visitXml, type XmlElement } from './xml-elements.ts';

const wanted = new Set([
  'inboundfirewallrules',
  'outboundfirewallrules',
  'domainprofile',
  'privateprofile',
  'publicprofile',
  'standardprofile',
]);

/** Elements that say nothing about packets. */
const skipped = new Set([
  'version',
  'name',
  'desc',
  'description',
  'embedcontext',
  'embedctxt',
  'precedence',
  'gpo',
  'policyversion',
  'skipversion',
  'ruleid',
  'id',
]);

/** A report of group policy (`Get-GPOReport -ReportType Xml`, `gpresult /x`): rules and profile settings of the policy. */
export function readPolicyReport(source: Source): WindowsFacts {
  const diagnostics: Diagnostic[] = [];
  const rules: WindowsRule[] = [];
  const profiles: ProfileSettings[] = [];
  visitXml(
    source,
    wanted,
    (element, parents) => {
      if (!parents.includes('extension')) return;
      if (element.name.endsWith('rules')) rules.push(...rulesOf(element, source, diagnostics));
      else profiles.push(...profileOf(element, source));
    },
    diagnostics,
  );
  return {
    dialect: 'policy-report',
    rules,
    profiles,
    diagnostics,
    assumptions: [],
    lacks: ['local'],
  };
}

/** The elements of a rule have the names of the keys of a registry rule (MS-GPFAS 2.2.2.19). */
function rulesOf(element: XmlElement, source: Source, diagnostics: Diagnostic[]): readonly WindowsRule[] {
  const fields: RuleStringField[] = [];
  for (const child of element.children) {
    if (skipped.has(child.name)) continue;
    // A key that may stand several times is one element each, or one element with several inside.
    for (const { text, start } of child.children.length > 0 ? child.children : [child]) {
      fields.push({ key: child.name, value: text.trim(), at: start });
    }
  }
  if (!fields.some(({ key }) => key === 'dir')) {
    fields.push({ key: 'dir', value: element.name.startsWith('inbound') ? 'In' : 'Out', at: element.start });
  }
  const name = childText(element, 'name') ?? '';
  const id = childText(element, 'ruleid') ?? childText(element, 'id') ?? name;
  const parsed = { version: '2.0', fields, junk: [] };
  const context = {
    id,
    store: 'policy' as const,
    span: { source: source.id, start: element.start, end: element.end },
    escaped: false,
  };
  const rules = readRegistryRules(parsed, context, diagnostics);
  return name === '' ? rules : rules.map((rule) => ({ ...rule, name }));
}

function profileOf(element: XmlElement, source: Source): readonly ProfileSettings[] {
  const flag = (name: string): boolean | undefined => {
    const found = element.children.find((child) => child.name === name);
    const text = (
      found?.children.find(({ name: inner }) => inner === 'value')?.text ??
      found?.text ??
      ''
    ).trim();
    return /^(?:true|1)$/i.test(text) ? true : /^(?:false|0)$/i.test(text) ? false : undefined;
  };
  const action = (name: string): 'allow' | 'block' | undefined => {
    const blocks = flag(name);
    return blocks === undefined ? undefined : blocks ? 'block' : 'allow';
  };
  const profile = windowsProfiles.find((one) => element.name === `${one}profile`);
  if (profile === undefined) return [];
  return [
    {
      profile,
      store: 'policy',
      span: { source: source.id, start: element.start, end: element.end },
      enabled: flag('enablefirewall'),
      shieldsUp: flag('donotallowexceptions'),
      inbound: action('defaultinboundaction'),
      outbound: action('defaultoutboundaction'),
      localRules: flag('allowlocalpolicymerge'),
    },
  ];
}
