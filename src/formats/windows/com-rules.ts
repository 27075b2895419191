import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { ExportedObject } from './exported-object.ts';
import { parseProfiles } from './powershell-values.ts';
import { Properties } from './properties.ts';
import { parseProtocol } from './protocols.ts';
import { allProfiles, type KnownCondition, type WindowsRule } from './windows-rule.ts';

/**
 * A rule of the COM object HNetCfg.FwPolicy2, as scripts export it. Its numbers differ from PowerShell's: an action is 0 block, 1 allow
 * (NET_FW_ACTION), a direction 1 in, 2 out, and a protocol 256 any.
 */
export function readComRule(object: ExportedObject, diagnostics: Diagnostic[]): WindowsRule {
  const unknowns: KnownCondition[] = [];
  const conditions: KnownCondition[] = [];
  const name = object.properties.get('name')?.values[0] ?? '';
  const of = new Properties([object], name, unknowns, diagnostics);
  const enabled = of.word('enabled', (text) => comBooleans.get(text.toLowerCase()), 'True or False');
  const direction = of.word(
    'direction',
    (text) => comDirections.get(text.toLowerCase()),
    '1 (in) or 2 (out)',
  );
  const action = of.word('action', (text) => comActions.get(text.toLowerCase()), '0 (block) or 1 (allow)');
  const profiles = parseProfiles(of.values('profiles') ?? of.values('profile') ?? []);
  if (profiles === undefined) of.misread('profiles', of.text('profiles') ?? '', 'profile bits');
  const protocolText = of.text('protocol') ?? 'any';
  const protocol = parseProtocol(protocolText);
  if (protocol === undefined) of.misread('protocol', protocolText, 'a protocol number');
  const icmp = of.list('icmptypesandcodes');
  const security = of.text('secureflags');
  if (security !== undefined && !/^(?:0|)$/.test(security)) {
    conditions.push({
      key: 'windows:authenticated',
      reason: 'only connections that IPsec has authenticated',
    });
  }
  return {
    span: object.span,
    name,
    needsLabel: object.needsLabel,
    store: 'local',
    enabled: enabled ?? 'unknown',
    direction: direction ?? 'unknown',
    action: action ?? 'unknown',
    profiles: profiles ?? allProfiles,
    protocol: protocol ?? 'unknown',
    localPorts: of.list('localports'),
    remotePorts: of.list('remoteports'),
    localAddresses: of.list('localaddresses'),
    remoteAddresses: of.list('remoteaddresses'),
    icmp,
    program: of.limit('applicationname'),
    service: of.limit('servicename'),
    package: of.limit('localapppackageid'),
    interfaces: of.names('interfaces'),
    interfaceTypes: of.list('interfacetypes'),
    conditions,
    unknowns,
  };
}

const comBooleans = new Map<string, boolean>([
  ['true', true],
  ['-1', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);
const comDirections = new Map<string, 'in' | 'out'>([
  ['1', 'in'],
  ['in', 'in'],
  ['inbound', 'in'],
  ['2', 'out'],
  ['out', 'out'],
  ['outbound', 'out'],
]);
const comActions = new Map<string, 'allow' | 'block'>([
  ['0', 'block'],
  ['block', 'block'],
  ['1', 'allow'],
  ['allow', 'allow'],
]);
