import type { IcmpTerm } from '../../../grammars/pf/syntax.ts';
import type { PfToken } from '../../../grammars/pf/tokens.ts';
import type { UnknownMatch } from '../../model/match.ts';
import { normalize } from '../../packets/interval.ts';
import type { Interval } from '../../packets/interval.ts';
import { refuse, spanOf } from './pf-context.ts';
import type { RuleNotes } from './pf-context.ts';
import type { Ports } from './ports.ts';

/** Type and code names of pfctl_parser.c. */
const types = {
  'icmp-type': names(
    'echoreq 8 echorep 0 unreach 3 squench 4 redir 5 althost 6 routeradv 9 routersol 10 timex 11 paramprob 12 timereq 13 timerep 14 inforeq 15 inforep 16 maskreq 17 maskrep 18 trace 30 dataconv 31 mobredir 32 ipv6-where 33 ipv6-here 34 mobregreq 35 mobregrep 36 skip 39 photuris 40',
  ),
  'icmp6-type': names(
    'unreach 1 toobig 2 timex 3 paramprob 4 echoreq 128 echorep 129 groupqry 130 listqry 130 grouprep 131 listenrep 131 groupterm 132 listendone 132 routersol 133 routeradv 134 neighbrsol 135 neighbradv 136 redir 137 routrrenum 138 fqdnreq 139 niqry 139 wrureq 139 fqdnrep 140 nirep 140 wrurep 140 mtraceresp 200 mtrace 201 listenrepv2 143',
  ),
} as const;

/** `type/name code`. */
const codes = {
  'icmp-type': names(
    '3/net-unr 0 3/host-unr 1 3/proto-unr 2 3/port-unr 3 3/needfrag 4 3/srcfail 5 3/net-unk 6 3/host-unk 7 3/isolate 8 3/net-prohib 9 3/host-prohib 10 3/net-tos 11 3/host-tos 12 3/filter-prohib 13 3/host-preced 14 3/cutoff-preced 15 5/redir-net 0 5/redir-host 1 5/redir-tos-net 2 5/redir-tos-host 3 9/normal-adv 0 9/common-adv 16 11/transit 0 11/reassemb 1 12/badhead 0 12/optmiss 1 12/badlen 2 40/unknown-ind 1 40/auth-fail 2 40/decrypt-fail 3',
  ),
  'icmp6-type': names(
    '1/admin-unr 1 1/noroute-unr 0 1/notnbr-unr 2 1/beyond-unr 2 1/addr-unr 3 1/port-unr 4 3/transit 0 3/reassemb 1 4/badhead 0 4/nxthdr 1 137/redironlink 0 137/redirrouter 1',
  ),
} as const;

function names(text: string): ReadonlyMap<string, number> {
  const words = text.split(' ');
  const pairs: [string, number][] = [];
  for (let i = 0; i < words.length; i += 2) pairs.push([words[i]!, Number(words[i + 1])]);
  return new Map(pairs);
}

export type IcmpKeyword = keyof typeof types;

/** Types and codes as values of the first header word, `type << 8 | code`. */
export function lowerIcmp(keyword: IcmpKeyword, terms: readonly IcmpTerm[], notes: RuleNotes): Ports {
  const values: Interval[] = [];
  const unknown: UnknownMatch[] = [];
  for (const { type, code } of terms) {
    const typeNumber = read(type, types[keyword], type.image, 'type', notes);
    const codeNumber =
      code === undefined || typeNumber === undefined
        ? undefined
        : read(code, codes[keyword], `${typeNumber}/${code.image}`, 'code', notes);
    if (typeNumber === undefined || (code !== undefined && codeNumber === undefined)) {
      notes.obscure = true;
      const text = code === undefined ? type.image : `${type.image} code ${code.image}`;
      unknown.push({
        kind: 'unknown',
        scope: 'packet',
        key: `pf ${keyword} ${text}`,
        reason: `${keyword} ${text}`,
      });
    } else if (codeNumber === undefined) values.push([typeNumber << 8, (typeNumber << 8) | 255]);
    else values.push([(typeNumber << 8) | codeNumber, (typeNumber << 8) | codeNumber]);
  }
  return { values: normalize(values), unknown };
}

function read(
  token: PfToken,
  known: ReadonlyMap<string, number>,
  name: string,
  what: string,
  notes: RuleNotes,
): number | undefined {
  if (/^[0-9]+$/.test(token.image)) {
    if (Number(token.image) <= 255) return Number(token.image);
    refuse(notes, token, `ICMP ${what} ${token.image} is above 255`);
    return undefined;
  }
  const number = known.get(name);
  if (number === undefined) {
    // The tables are part of pfctl, not of the host, so a name outside them is an error there; a newer pfctl may know more.
    if (notes.context.printed) {
      notes.context.report(
        'FW1308',
        'warning',
        spanOf(token, notes),
        `ICMP ${what} '${token.image}' is unknown`,
      );
    } else refuse(notes, token, `pfctl knows no ICMP ${what} '${token.image}'`);
  }
  return number;
}
