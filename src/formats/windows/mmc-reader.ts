import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Source } from '../../source/source.ts';
import { readCsvTable } from './csv-objects.ts';
import { delimiterOf } from './delimiter.ts';
import type { ExportedObject, PropertyValue } from './exported-object.ts';
import { parseProfiles } from './powershell-values.ts';
import { Properties } from './properties.ts';
import { parseProtocol } from './protocols.ts';
import { authenticatedCondition, principalCondition } from './security.ts';
import { allProfiles, type KnownCondition, type WindowsFacts, type WindowsRule } from './windows-rule.ts';

/** "Export List" of Windows Defender Firewall with Advanced Security. */
export function readMmc(source: Source): WindowsFacts {
  const diagnostics: Diagnostic[] = [];
  const { text } = source;
  const start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const header = /[^\r\n]*/.exec(text.slice(start, start + 4096))![0];
  const delimiter = delimiterOf(header);
  const table = readCsvTable(source, start, text.length, delimiter, delimiter !== '\t', diagnostics);
  const names = table.header.map((name) => name.trim().toLowerCase());
  // Only inbound rules have authorised users, so only the inbound list has that column.
  const listDirection = names.includes('authorized users') ? 'in' : 'unknown';
  const hasDirection = names.includes('direction');
  const missing = (['program', 'remote address', 'local address'] as const).filter(
    (name) => !names.includes(name),
  );
  const rules = table.rows.map((row): WindowsRule => {
    const properties = new Map<string, PropertyValue>();
    names.forEach((name, i) => {
      const cell = row.cells[i];
      if (name !== '' && cell !== undefined && !properties.has(name)) {
        properties.set(name, { values: [cell.trim()], at: row.start });
      }
    });
    const span = { source: source.id, start: row.start, end: row.end };
    return readRow({ span, properties, needsLabel: false }, listDirection, missing, diagnostics);
  });
  const assumptions: string[] = [
    'The console shows no services or interface types: a rule is taken to have none',
  ];
  if (!hasDirection && rules.length > 0) {
    if (listDirection === 'in') {
      assumptions.push(
        'The list has no direction column; it has “Authorized Users”, as only the list of inbound rules has',
      );
    } else {
      diagnostics.push({
        code: 'FW1410',
        severity: 'warning',
        message:
          'the list does not say whether its rules are inbound or outbound; each is taken as possibly either',
        help: 'Export with the collector command that “fw-audit formats windows” prints, or as .reg.',
      });
    }
  }
  return { dialect: 'mmc', rules, profiles: [], diagnostics, assumptions };
}

function readRow(
  object: ExportedObject,
  listDirection: 'in' | 'unknown',
  missing: readonly string[],
  diagnostics: Diagnostic[],
): WindowsRule {
  const unknowns: KnownCondition[] = [];
  const conditions: KnownCondition[] = [];
  const name = object.properties.get('name')?.values[0] ?? '';
  const of = new Properties([object], name, unknowns, diagnostics);
  const enabled = of.word('enabled', (text) => yesNo.get(text.toLowerCase()), 'Yes or No');
  const action = of.word('action', (text) => actions.get(text.toLowerCase()), 'Allow, Block or Secure');
  const directionText = of.text('direction');
  const direction = directionText === undefined ? listDirection : directions.get(directionText.toLowerCase());
  if (direction === undefined) of.misread('direction', directionText ?? '', 'Inbound or Outbound');
  const profiles = parseProfiles(of.values('profile') ?? []);
  if (profiles === undefined)
    of.misread('profile', of.text('profile') ?? '', 'All, Domain, Private or Public');
  const protocolText = of.text('protocol');
  const protocol =
    protocolText === undefined || protocolText === '' ? undefined : parseProtocol(protocolText);
  if (protocolText !== undefined && protocolText !== '' && protocol === undefined)
    of.misread('protocol', protocolText, 'a protocol');
  const override = yesNo.get(of.text('override')?.toLowerCase() ?? 'no') === true;
  if (action === 'secure') conditions.push(authenticatedCondition);
  const users = of.limit('authorized users');
  if (users !== undefined) conditions.push(authenticatedCondition, principalCondition('remote user', users));
  const computers = of.limit('authorized computers');
  if (computers !== undefined)
    conditions.push(authenticatedCondition, principalCondition('computer', computers));
  const locals = of.limit('authorized local principals') ?? of.limit('local user owner');
  if (locals !== undefined) conditions.push(principalCondition('local user', locals));
  const ports = protocol === 6 || protocol === 17 || protocol === undefined;
  return {
    span: object.span,
    name,
    needsLabel: false,
    store: 'local',
    enabled: enabled ?? 'unknown',
    direction: direction ?? 'unknown',
    action: action === 'block' ? 'block' : action === undefined ? 'unknown' : override ? 'bypass' : 'allow',
    profiles: profiles ?? allProfiles,
    protocol: protocol ?? 'unknown',
    localPorts: ports ? keepSpaces(of, 'local port', object) : undefined,
    remotePorts: ports ? keepSpaces(of, 'remote port', object) : undefined,
    localAddresses: keepSpaces(of, 'local address', object),
    remoteAddresses: keepSpaces(of, 'remote address', object),
    program: of.limit('program'),
    package: of.limit('application package'),
    conditions,
    hidden: hiddenOf(missing, protocol),
    unknowns,
  };
}

function hiddenOf(missing: readonly string[], protocol: number | 'any' | undefined): string | undefined {
  const all = protocol === 1 || protocol === 58 ? [...missing, 'ICMP types'] : missing;
  return all.length > 0 ? `the console’s list does not show the ${all.join(', ')} of the rule` : undefined;
}

/** Lists that hold names of several words (`Local subnet`, `RPC Dynamic Ports`), divided by commas alone. */
function keepSpaces(
  of: Properties,
  column: string,
  object: ExportedObject,
): readonly { text: string; at: number }[] | undefined {
  const text = of.text(column);
  return text === undefined || text === '' || /^any$/i.test(text)
    ? undefined
    : [{ text, at: object.span.start }];
}

const yesNo = new Map<string, boolean>([
  ['yes', true],
  ['no', false],
]);
const actions = new Map<string, 'allow' | 'block' | 'secure'>([
  ['allow', 'allow'],
  ['block', 'block'],
  ['secure', 'secure'],
]);
const directions = new Map<string, 'in' | 'out'>([
  ['inbound', 'in'],
  ['in', 'in'],
  ['outbound', 'out'],
  ['out', 'out'],
]);
