import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Span } from '../../source/source.ts';
import type { ExportedObject, PropertyValue } from './exported-object.ts';
import { readRuleObject } from './powershell-rules.ts';
import type { ScriptValue } from './script-values.ts';
import type { KnownCondition, WindowsRule } from './windows-rule.ts';

/** A rule that a script has made; later commands may change it. */
export interface ScriptRule {
  readonly span: Span;
  parameters: ReadonlyMap<string, ScriptValue>;
  /** Its making, or a later change, hangs on something that only a run tells. */
  guarded: boolean;
  /** Counts what perhaps became of a rule. */
  readonly version?: number | undefined;
  /** Why it is perhaps no rule at all. */
  readonly doubt?: string | undefined;
  /** The command does not show the rule: variables, a table of parameters, later changes. */
  needsLabel: boolean;
  /** `@rule` with a content that is not in the script: every property may be another. */
  readonly splatsUnknown: boolean;
}

/** Parameters that say what a rule is, with the value that New-NetFirewallRule takes if they are not given. */
const defaults: ReadonlyMap<string, string> = new Map([
  ['enabled', 'True'],
  ['direction', 'Inbound'],
  ['action', 'Allow'],
  ['profile', 'Any'],
  ['protocol', 'Any'],
  ...'localport remoteport icmptype localaddress remoteaddress program package service interfacealias interfacetype localuser remoteuser remotemachine owner platform dynamictarget dynamictransport policyappid remotedynamickeywordaddresses'
    .split(' ')
    .map((name) => [name, 'Any'] as const),
  ['authentication', 'NotRequired'],
  ['encryption', 'NotRequired'],
  ['overrideblockrules', 'False'],
]);

/** Parameters of the rule commands that say nothing of what a rule matches. */
const silent =
  'name displayname newdisplayname description group displaygroup policystore gposession edgetraversalpolicy loosesourcemapping localonlymapping cimsession throttlelimit asjob whatif confirm verbose debug erroraction errorvariable warningaction warningvariable informationaction informationvariable outvariable outbuffer pipelinevariable passthru force inputobject all packagefamilyname';

/** All parameters of the rule commands, for names cut short. */
export const ruleParameters: readonly string[] = [
  ...defaults.keys(),
  ...silent.split(' '),
  'ea',
  'wa',
  'ev',
  'ov',
];

const onlyOfOthers = new Set(['displaygroup', 'newdisplayname', 'inputobject', 'all', 'passthru', 'force']);

/** Those of New-NetFirewallRule: `-Disp` means one of them only. */
export const newRuleParameters: readonly string[] = ruleParameters.filter((name) => !onlyOfOthers.has(name));

/** Words without which nobody can tell what the rule does: where they are open, nothing stands in for them. */
const decisive = new Set(['enabled', 'direction', 'action', 'protocol', 'profile']);

/** Parameters that take lists, one text for each element. */
const lists = new Set(['localport', 'remoteport', 'icmptype', 'localaddress', 'remoteaddress']);

export function windowsRuleOf(rule: ScriptRule, diagnostics: Diagnostic[]): WindowsRule {
  const { span, parameters } = rule;
  const refused: KnownCondition[] = [];
  const properties = new Map<string, PropertyValue>();
  const conditions: KnownCondition[] = [];
  const at = span.start;
  for (const [name, absent] of defaults) {
    const value = parameters.get(name);
    if (value?.kind === 'texts') {
      properties.set(name, { values: value.texts, at });
      const several = lists.has(name) ? value.texts.find((text) => isSeveral(text)) : undefined;
      if (several === undefined) continue;
      diagnostics.push({
        code: 'FW1004',
        severity: 'error',
        message: `read “${several}” as one element of -${name}, expected a list of several`,
        span,
        help: 'Elements are joined by commas outside of quotes: 80, 443.',
      });
      refused.push({
        key: `windows:script:${at}:${name}`,
        reason: `-${name} “${several}” is one text; Windows may refuse the rule`,
      });
    } else if (value === undefined && !rule.splatsUnknown) properties.set(name, { values: [absent], at });
    else {
      if (!decisive.has(name)) properties.set(name, { values: [absent], at });
      if (value !== undefined) {
        conditions.push({
          key: `windows:script:${at}:${name}`,
          reason: `what -${name} is given is known by a run of the script only`,
        });
      }
    }
  }
  for (const name of ['name', 'displayname']) {
    const value = parameters.get(name);
    if (value?.kind === 'texts' && value.texts[0] !== undefined)
      properties.set(name, { values: value.texts, at });
  }
  const place = placeOf(parameters);
  properties.set('policystoresourcetype', { values: [place.isPolicy ? 'GroupPolicy' : 'Local'], at });
  if (place.condition !== undefined) {
    // A place that has no name is another one at each command.
    const key = place.isKnown ? place.where : `${place.where}:${at}`;
    conditions.push({ key: `windows:${key}`, reason: place.condition });
  }
  const object: ExportedObject = { span, properties, needsLabel: rule.needsLabel };
  const read = readRuleObject(object, diagnostics);
  const guard: readonly KnownCondition[] = rule.guarded
    ? [
        {
          // Not the same question where one turn of a loop blocks what another allows, or a change is in doubt, too.
          key: `windows:guarded:${at}:${textOf(parameters.get('action'))}:${rule.version ?? 0}`,
          reason: 'the command runs in a loop, in a function or under a condition',
        },
      ]
    : [];
  const splat: readonly KnownCondition[] = rule.splatsUnknown
    ? [
        {
          key: `windows:splat:${at}`,
          reason: 'parameters of the command are known by a run of the script only',
        },
      ]
    : [];
  const doubt: readonly KnownCondition[] =
    rule.doubt === undefined ? [] : [{ key: `windows:doubt:${at}`, reason: rule.doubt }];
  return {
    ...read,
    conditions: [...read.conditions, ...conditions],
    unknowns: [...read.unknowns, ...guard, ...splat, ...doubt, ...refused],
  };
}

/** `87 449` in one pair of quotes. */
function isSeveral(text: string): boolean {
  return /[^\s,-]\s+[^\s,-]/.test(text.trim());
}

/** Where a rule is made: on this host, or in a policy or on a computer of which the script alone does not tell whether it is this one. */
export interface RulePlace {
  /** Equal for equal places; empty for the rules of this host. */
  readonly where: string;
  /** False where only a run could name it. */
  readonly isKnown: boolean;
  readonly isPolicy: boolean;
  readonly condition: string | undefined;
}

const here: RulePlace = { where: '', isKnown: true, isPolicy: false, condition: undefined };
/** Stores of the host itself (New-NetFirewallRule -PolicyStore). */
const ownStores = /^(?:persistentstore|activestore|localhost|rsop|systemdefaults|)$/i;
const ownNames = /^(?:localhost|\.|127\.0\.0\.1|::1|%computername%|)$/i;

export function placeOf(parameters: ReadonlyMap<string, ScriptValue>): RulePlace {
  const session = parameters.get('cimsession');
  if (session !== undefined && !isEach(session, ownNames)) {
    const name = nameOf(session);
    const condition = `only if the session of -CimSession${name === undefined ? '' : ` ${name}`} is with this computer`;
    return { where: `session:${name ?? ''}`, isKnown: name !== undefined, isPolicy: false, condition };
  }
  const group = parameters.get('gposession') ?? parameters.get('policystore');
  if (group === undefined || (!parameters.has('gposession') && isEach(group, ownStores))) return here;
  const name = parameters.has('gposession') ? undefined : nameOf(group);
  return {
    where: `group-policy:${name?.toLowerCase() ?? ''}`,
    isKnown: name !== undefined,
    isPolicy: true,
    condition:
      name === undefined
        ? `only on computers that the group policy object of ${parameters.has('gposession') ? '-GPOSession' : '-PolicyStore'} is applied to`
        : `only on computers that the group policy object ${name} is applied to`,
  };
}

function textOf(value: ScriptValue | undefined): string {
  return value?.kind === 'texts' ? value.texts.join().toLowerCase() : '';
}

function isEach(value: ScriptValue, pattern: RegExp): boolean {
  return value.kind === 'texts' && value.texts.every((text) => pattern.test(text));
}

function nameOf(value: ScriptValue): string | undefined {
  return value.kind === 'texts' ? value.texts.join(', ') : undefined;
}

/** Whether the words that choose rules (`-DisplayName "Web*"`) choose this one; undefined if only a run could tell. */
export function isChosen(rule: ScriptRule, selectors: ReadonlyMap<string, ScriptValue>): boolean | undefined {
  for (const [name, wanted] of selectors) {
    const key = name === 'displaygroup' ? 'group' : name;
    const own = rule.parameters.get(key) ?? { kind: 'texts', texts: [defaults.get(key) ?? ''] };
    if (wanted.kind !== 'texts' || own.kind !== 'texts') return undefined;
    const text = own.texts.join(', ').toLowerCase();
    if (!wanted.texts.some((pattern) => isLike(text, pattern.toLowerCase()))) return false;
  }
  return true;
}

/** As isChosen, for a rule that netsh has made: its name is what PowerShell calls its DisplayName, and its Name nobody knows. */
export function isChosenOfNetsh(rule: WindowsRule, selectors: ReadonlyMap<string, ScriptValue>): boolean {
  const enabled = rule.enabled === 'unknown' ? '' : String(rule.enabled);
  const own = new Map([
    ['displayname', rule.name],
    ['direction', rule.direction === 'out' ? 'outbound' : 'inbound'],
    ['action', rule.action],
    ['enabled', enabled],
  ]);
  for (const [name, wanted] of selectors) {
    const text = own.get(name)?.toLowerCase();
    if (text === undefined || wanted.kind !== 'texts') return false;
    if (!wanted.texts.some((pattern) => isLike(text, pattern.toLowerCase()))) return false;
  }
  return true;
}

/** PowerShell's `*` and `?`. */
export function isLike(text: string, pattern: string): boolean {
  let t = 0;
  let p = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    if (p < pattern.length && pattern[p] === '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
