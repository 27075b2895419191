import type { InterfaceTerm } from '../../../grammars/pf/syntax.ts';
import { all, and, not, or } from '../../model/match.ts';
import type { Match } from '../../model/match.ts';
import type { NameField } from '../../packets/fields.ts';
import { checkName } from './names.ts';
import { checkRange, highestTableOf } from './option-limits.ts';
import { dialectQuestion, unknownFact } from './pf-context.ts';
import type { RuleNotes } from './pf-context.ts';

type InterfaceField = Extract<NameField, 'inInterface' | 'outInterface'>;

/**
 * Drivers whose interfaces are made on demand: each belongs to the group of its driver's name from the start (`if_clone_create`),
 * so `on wg` is every wg0, wg1 …
 */
const clonedDrivers: ReadonlySet<string> = new Set(
  'vlan tun tap wg gif gre bridge carp pppoe ppp enc pflog pfsync vether vxlan trunk lagg aggr epair pair svlan mpw nvgre egre etherip eoip tpmr veb vport utun feth stf ipsec'.split(
    ' ',
  ),
);

/**
 * Pseudo-devices that show packets to bpf(4) and carry none: pflog(4), pfsync(4), whose messages come in by the interface that it is
 * told to use (syncdev), pflow(4), and FreeBSD's usbus and ipfw for capturing.
 */
const onlyShown = /^(pflog|pfsync|pflow|usbus|ipfw|ipfwlog)[0-9]*$/;

/** Whether IP packets come in or leave by the interface or an interface of the group. */
export function carriesPackets(name: string): boolean {
  return !onlyShown.test(name);
}

/** `on …`: the interface a packet comes in by or leaves by. */
export function lowerInterfaces(
  terms: readonly InterfaceTerm[] | undefined,
  field: InterfaceField,
  notes: RuleNotes,
): Match {
  if (terms === undefined) return all;
  const known = notes.context.memory?.interfaces[field === 'inInterface' ? 'in' : 'out'];
  let match = known?.get(terms);
  if (match === undefined) {
    match = interfacesOf(terms, field, notes);
    known?.set(terms, match);
  }
  return match;
}

function interfacesOf(terms: readonly InterfaceTerm[], field: InterfaceField, notes: RuleNotes): Match {
  return or(...terms.map((term) => lowerTerm(term, field, notes)));
}

function lowerTerm(
  { name, negated, rdomain }: InterfaceTerm,
  field: InterfaceField,
  notes: RuleNotes,
): Match {
  const text = name.image;
  if (rdomain) checkRange(name, highestTableOf(notes), 'rdomain', notes);
  else checkName('an interface name', name, notes);
  const named = rdomain
    ? unknownFact(`rdomain ${field} ${text}`, `the interface is in routing domain ${text}`)
    : text === 'any'
      ? onAny(term(name, field), notes)
      : interfaceNamed(text, field);
  return negated ? not(named) : named;
}

function term(
  name: InterfaceTerm['name'],
  field: InterfaceField,
): { name: InterfaceTerm['name']; field: InterfaceField } {
  return { name, field };
}

/** `on any`: OpenBSD says every interface but loopback ones; older systems know no such interface. */
function onAny({ name, field }: ReturnType<typeof term>, notes: RuleNotes): Match {
  const notLoopback = not(interfaceNamed('lo', field));
  if (notes.context.evidence.dialect === 'openbsd') return notLoopback;
  const question = dialectQuestion(
    notes,
    name,
    "'on any' means every interface but loopback on OpenBSD only",
  );
  return and(notLoopback, question);
}

/** An interface or a group. Names that end in a digit are interfaces; groups cannot (pf.conf(5), ifconfig(8)). */
export function interfaceNamed(text: string, field: InterfaceField): Match {
  if (text === 'all') return all;
  // Loopback traffic is left out of exposures as lo0; lo1 and its like are loopback just the same (see `onlyLoopback`).
  if (text === 'lo') return { kind: 'name', field, name: 'lo0', prefix: false };
  if (/[0-9]$/.test(text)) return { kind: 'name', field, name: text, prefix: false };
  if (clonedDrivers.has(text)) return { kind: 'name', field, name: text, prefix: true };
  const which = field === 'inInterface' ? 'incoming' : 'outgoing';
  return unknownFact(`group ${field} ${text}`, `the ${which} interface is in group ${text}`);
}

/** A loopback interface; the group `lo` has no flags that pfctl could look at. */
export function isLoopback(text: string): boolean {
  return /^lo[0-9]+$/.test(text);
}
