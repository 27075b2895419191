import type { Antispoof } from '../../../grammars/pf/syntax.ts';
import { and, not, or } from '../../model/match.ts';
import type { Match } from '../../model/match.ts';
import { familyOf } from './criteria.ts';
import { blocking } from './filter-rule.ts';
import type { Piece } from './filter-rule.ts';
import { interfaceNamed, isLoopback } from './interfaces.ts';
import { interfaceRanges } from './local-addresses.ts';
import type { InterfaceReference } from './local-addresses.ts';
import { checkName } from './names.ts';
import { spanOf, unknownFact } from './pf-context.ts';
import type { RuleNotes } from './pf-context.ts';

/**
 * `antispoof for em0` stands for `block in on ! em0 from em0:network` and, unless em0 is a loopback interface, `block in from em0`
 * (parse.y): the interface's network must not come in by another one, and nothing may come from the host's own address.
 */
export function lowerAntispoof(rule: Antispoof, notes: RuleNotes): Piece[] {
  const family = familyOf(rule.family);
  const quick = rule.quick === undefined ? {} : { quick: true };
  const own: Match[] = family === undefined ? [] : [{ kind: 'family', family }];
  if (rule.problem !== undefined) {
    notes.obscure = true;
    own.push(unknownFact('unread', 'a part of the rule is not understood'));
  }
  const pieces: Piece[] = [];
  for (const { name } of rule.targets) {
    const iface = name.image;
    checkName('an interface name', name, notes);
    // Without an address there is nothing to spoof: pfctl makes no rule of it.
    if (notes.context.options.bareInterfaces?.includes(iface) === true) continue;
    const elsewhere = not(interfaceNamed(iface, 'inInterface'));
    const network = sourceIn({ name: iface, mode: 'network', noAlias: false }, notes);
    // OpenBSD and FreeBSD drop whatever the block policy says.
    const action = blocking(undefined, 'drop');
    if (network === undefined) {
      notes.context.report(
        'FW1304',
        'note',
        spanOf(name, notes),
        `the input does not hold the addresses of ${iface}`,
        `give them with --local-address ${iface}=ADDRESS and ${iface}=NETWORK/PREFIX`,
      );
    }
    const fact = (what: string): Match => unknownFact(`source ${what}`, `the source ${what}`);
    pieces.push({
      match: and(elsewhere, ...own, network ?? fact(`is in the network of ${iface}`)),
      action,
      ...quick,
    });
    if (isLoopback(iface)) continue;
    const address = sourceIn({ name: iface, noAlias: false }, notes);
    pieces.push({ match: and(...own, address ?? fact(`is an address of ${iface}`)), action, ...quick });
  }
  return pieces;
}

function sourceIn(reference: InterfaceReference, notes: RuleNotes): Match | undefined {
  const ranges = interfaceRanges(reference, notes.context.options)?.filter(({ zone }) => zone === undefined);
  if (ranges === undefined || ranges.length === 0) return undefined;
  return or(
    ...ranges.map(({ family, range }): Match => ({
      kind: 'address',
      field: 'source',
      family,
      ranges: [range],
    })),
  );
}
