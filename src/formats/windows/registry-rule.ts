import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { unescapeRegistry } from '../../../grammars/windows/registry-file.ts';
import type { RuleString, RuleStringField } from '../../../grammars/windows/rule-string.ts';
import type { Span } from '../../source/source.ts';
import { addOnce, openedRule, readingCondition, readingsOf, type Dimension } from './conflicting-values.ts';
import { parseProtocol } from './protocols.ts';
import { authenticatedCondition, encryptedCondition, principalCondition } from './security.ts';
import {
  allProfiles,
  profileBits,
  type KnownCondition,
  type RuleStore,
  type WindowsRule,
  type Written,
  type WrittenAddress,
} from './windows-rule.ts';

/** Where the rule string stands and what surrounds it. */
export interface RegistryRuleContext {
  readonly id: string;
  readonly store: RuleStore;
  readonly span: Span;
  /** The text still holds the escapes of a .reg file. */
  readonly escaped: boolean;
}

/** Keys that may stand once (MS-GPFAS 2.2.2.19), numbered. */
const single = new Map(
  ['action', 'active', 'dir', 'protocol', 'app', 'svc', 'edge', 'defer', 'apppkgid', 'pfn', 'skipver'].map(
    (key, i) => [key, 1 << i],
  ),
);

/** What these keys say of a rule. */
const dimensions = new Map<string, Dimension>([
  ['action', 'action'],
  ['active', 'enabled'],
  ['dir', 'direction'],
  ['protocol', 'protocol'],
  ['app', 'program'],
  ['svc', 'service'],
  ['apppkgid', 'package'],
  ['pfn', 'package'],
  ['skipver', 'conditions'],
]);

/** Keys that neither widen nor narrow which new connection the rule speaks of. */
const withoutEffect = new Set([
  'desc',
  'embedctxt',
  'edge',
  'defer',
  'lsm',
  'lom',
  'pcross',
  'platform2',
  'rtk',
]);

const lowerWords = new Map<string, string>();

/** In lower case. Keys and what most of them say are few words, which stand in every rule. */
function lowerOf(written: string): string {
  let word = lowerWords.get(written);
  if (word === undefined) {
    word = written.toLowerCase();
    if (lowerWords.size < 1000) lowerWords.set(written, word);
  }
  return word;
}

function misread(
  field: RuleStringField,
  expected: string,
  { source }: Span,
  diagnostics: Diagnostic[],
  unknowns: KnownCondition[],
): void {
  diagnostics.push({
    code: 'FW1004',
    severity: 'error',
    message: `read “${field.key}=${field.value}”, expected ${expected}`,
    span: { source, start: field.at - field.key.length - 1, end: field.at + field.value.length },
    help: 'The rule is kept; answers that hang on this part are “possible”.',
  });
  unknowns.push({
    key: `windows:registry:${field.key.toLowerCase()}=${field.value}`,
    reason: `“${field.key}=${field.value}” is not understood`,
  });
}

function textOf({ value }: RuleStringField, escaped: boolean): string {
  return escaped ? unescapeRegistry(value) : value;
}

/** Most lists hold one thing: an array that something is pushed to has room for 17. */
function added<T>(list: T[] | undefined, one: T): T[] {
  if (list === undefined) return [one];
  list.push(one);
  return list;
}

/** One rule, or several readings of it where a key that may stand once has several values. */
export function readRegistryRules(
  parsed: RuleString,
  context: RegistryRuleContext,
  diagnostics: Diagnostic[],
): readonly WindowsRule[] {
  const conflicts = new Map<string, RuleStringField[]>();
  const before = diagnostics.length;
  const rule = readRule(parsed, context, diagnostics, conflicts);
  if (conflicts.size === 0) return [rule];
  const readings = readingsOf(conflicts);
  const keys = [...conflicts.values()].map(([field]) => field!.key);
  const isReal = readingCondition(`${context.span.source}:${context.span.start}`, 0, keys);
  if (readings === undefined) {
    const opened = new Set([...conflicts.keys()].flatMap((key) => dimensions.get(key) ?? []));
    return [openedRule({ ...rule, ignored: undefined, unknowns: [...rule.unknowns, isReal] }, opened)];
  }
  const found = diagnostics.splice(before);
  const rules = readings.map((chosen, i): WindowsRule => {
    const fields = parsed.fields.filter((field) => (chosen.get(lowerOf(field.key)) ?? field) === field);
    const read = readRule({ ...parsed, fields }, context, found, new Map());
    const unknowns = [...read.unknowns, { ...isReal, key: `${isReal.key}:${i}` }];
    return { ...read, unknowns, ...(i > 0 && { isReading: true }) };
  });
  addOnce(found, diagnostics);
  return rules;
}

/**
 * MS-GPFAS 2.2.2.19 and its successors: one rule string to a rule. Unknown keys may narrow the rule and are kept as such. Of keys with
 * several values the first counts, and all go to `conflicts`.
 */
function readRule(
  parsed: RuleString,
  context: RegistryRuleContext,
  diagnostics: Diagnostic[],
  conflicts: Map<string, RuleStringField[]>,
): WindowsRule {
  const { span, escaped, id } = context;
  /** Bits of the keys of `single` that were met. */
  let seen = 0;
  const unknowns: KnownCondition[] = [];
  const conditions: KnownCondition[] = [];
  const interfaces: string[] = [];
  let localPorts: Written[] | undefined;
  let remotePorts: Written[] | undefined;
  let localAddresses: WrittenAddress[] | undefined;
  let remoteAddresses: WrittenAddress[] | undefined;
  let icmp: Written[] | undefined;
  let interfaceTypes: Written[] | undefined;
  let profiles = 0;
  let action: WindowsRule['action'] | undefined;
  let direction: 'in' | 'out' | 'unknown' | undefined;
  let active = false;
  let protocol: WindowsRule['protocol'] = 'any';
  let name = '';
  let program: string | undefined;
  let service: string | undefined;
  let packageId: string | undefined;
  let packageName: string | undefined;
  let bypassOut = false;

  if (parsed.version === undefined) {
    diagnostics.push({
      code: 'FW1004',
      severity: 'error',
      message: `the rule does not start with a version such as v2.31|`,
      span,
    });
    unknowns.push({ key: `windows:registry:version:${id}`, reason: 'the rule has no version' });
  }
  for (const junk of parsed.junk) {
    misread({ key: '', value: junk.text, at: junk.at }, 'Key=Value', span, diagnostics, unknowns);
  }
  for (const field of parsed.fields) {
    const key = lowerOf(field.key);
    const bit = single.get(key);
    if (bit !== undefined && (seen & bit) !== 0) {
      const first = parsed.fields.find((other) => lowerOf(other.key) === key)!;
      if (first.value !== field.value) {
        diagnostics.push({
          code: 'FW1406',
          severity: 'error',
          message: `“${field.key}” stands twice; Windows may refuse the rule or take either value`,
          span: { source: span.source, start: field.at, end: field.at + field.value.length },
          help: 'A rule name that holds “|” can imitate further fields.',
        });
        const values = conflicts.get(key) ?? [first];
        conflicts.set(key, values);
        if (!values.some(({ value }) => value === field.value)) values.push(field);
      }
      continue;
    }
    if (bit !== undefined) seen |= bit;
    switch (key) {
      case 'action': {
        const lower = lowerOf(field.value);
        if (lower === 'allow' || lower === 'block' || lower === 'bypass') action = lower;
        else {
          action = 'unknown';
          misread(field, 'Allow, Block or ByPass', span, diagnostics, unknowns);
        }
        break;
      }
      case 'active': {
        const lower = lowerOf(field.value);
        if (lower === 'true' || lower === 'false') active = lower === 'true';
        else {
          active = true;
          misread(field, 'TRUE or FALSE', span, diagnostics, unknowns);
        }
        break;
      }
      case 'dir': {
        const lower = lowerOf(field.value);
        if (lower === 'in' || lower === 'out') direction = lower;
        else {
          direction = 'unknown';
          misread(field, 'In or Out', span, diagnostics, unknowns);
        }
        break;
      }
      case 'profile': {
        const lower = lowerOf(field.value);
        if (lower === 'domain' || lower === 'private' || lower === 'public') profiles |= profileBits[lower];
        else {
          profiles = allProfiles;
          misread(field, 'Domain, Private or Public', span, diagnostics, unknowns);
        }
        break;
      }
      case 'protocol': {
        const number = parseProtocol(field.value);
        if (number === undefined)
          misread(field, 'a protocol number from 0 to 256', span, diagnostics, unknowns);
        protocol = number ?? 'unknown';
        break;
      }
      case 'la4':
      case 'la42':
        localAddresses = added(localAddresses, { text: field.value, at: field.at, family: 'ipv4' });
        break;
      case 'la6':
      case 'la62':
        localAddresses = added(localAddresses, { text: field.value, at: field.at, family: 'ipv6' });
        break;
      case 'ra4':
      case 'ra42':
        remoteAddresses = added(remoteAddresses, { text: field.value, at: field.at, family: 'ipv4' });
        break;
      case 'ra6':
      case 'ra62':
        remoteAddresses = added(remoteAddresses, { text: field.value, at: field.at, family: 'ipv6' });
        break;
      case 'icmp4':
      case 'icmp6':
        icmp = added(icmp, { text: field.value, at: field.at });
        break;
      case 'if':
        interfaces.push(textOf(field, escaped));
        break;
      case 'iftype':
        interfaceTypes = added(interfaceTypes, { text: field.value, at: field.at });
        break;
      case 'name':
        name = textOf(field, escaped);
        break;
      case 'app':
        if (field.value !== '') program = textOf(field, escaped);
        break;
      case 'svc':
        if (field.value !== '') service = textOf(field, escaped);
        break;
      case 'apppkgid':
        packageId = textOf(field, escaped);
        break;
      case 'pfn':
        packageName = textOf(field, escaped);
        break;
      case 'luown':
        conditions.push({
          key: `windows:owner:${field.value.toLowerCase()}`,
          reason: `only for programs of the user ${textOf(field, escaped)}`,
        });
        break;
      case 'rmauth':
        conditions.push(authenticatedCondition, principalCondition('computer', textOf(field, escaped)));
        break;
      case 'ruauth':
        conditions.push(authenticatedCondition, principalCondition('remote user', textOf(field, escaped)));
        break;
      case 'authbypassout':
        bypassOut = lowerOf(field.value) === 'true';
        break;
      case 'platform':
        conditions.push({
          key: `windows:platform:${field.value.toLowerCase()}`,
          reason: `only on the Windows version that “Platform=${field.value}” names`,
        });
        break;
      case 'skipver':
        conditions.push({
          key: `windows:skipver:${field.value.toLowerCase()}`,
          reason: `only on firewalls newer than version ${field.value}`,
        });
        break;
      case 'nnm':
        conditions.push({
          key: `windows:network:${field.value.toLowerCase()}`,
          reason: `only on the network ${textOf(field, escaped)}`,
        });
        break;
      case 'securityrealmid':
        conditions.push({
          key: `windows:realm:${field.value.toLowerCase()}`,
          reason: `only in the security realm ${textOf(field, escaped)}`,
        });
        break;
      case 'radynkey':
        conditions.push({
          key: `windows:dynamic:${field.value.toLowerCase()}`,
          reason: `only addresses of the dynamic keyword ${textOf(field, escaped)}`,
        });
        break;
      default:
        if (key.startsWith('lport')) localPorts = added(localPorts, { text: field.value, at: field.at });
        else if (key.startsWith('rport'))
          remotePorts = added(remotePorts, { text: field.value, at: field.at });
        else if (key.startsWith('luauth'))
          conditions.push(principalCondition('local user', textOf(field, escaped)));
        else if (key.startsWith('ttk')) {
          conditions.push({
            key: `windows:trust:${field.value.toLowerCase()}`,
            reason: `only for ${field.value} connections between paired devices`,
          });
        } else if (key.startsWith('security')) {
          conditions.push(authenticatedCondition);
          if (/encrypt|^ane/i.test(field.value)) conditions.push(encryptedCondition);
        } else if (!withoutEffect.has(key))
          misread(
            field,
            'a key of the firewall rule format (MS-GPFAS 2.2.2.19)',
            span,
            diagnostics,
            unknowns,
          );
    }
  }
  const ignored =
    action === undefined ? 'it has no Action' : direction === undefined ? 'it has no Dir' : undefined;
  return {
    span,
    id,
    name: name === '' ? id : name,
    needsLabel: true,
    store: context.store,
    enabled: active,
    direction: direction ?? 'unknown',
    action: bypassOut && action === 'allow' ? 'bypass' : (action ?? 'unknown'),
    profiles: profiles === 0 ? allProfiles : profiles,
    protocol,
    localPorts,
    remotePorts,
    localAddresses,
    remoteAddresses,
    icmp,
    program,
    service,
    package: packageId ?? packageName,
    interfaces: interfaces.length > 0 ? interfaces : undefined,
    interfaceTypes,
    conditions,
    unknowns,
    ignored,
  };
}
