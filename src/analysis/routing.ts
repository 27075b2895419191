import { FALSE, type Node, TRUE } from '../packets/bdd.ts';
import type { Direction } from '../packets/fields.ts';
import { askWhetherHost, type ChangeContext, routes, targetIsHost } from './compile-change.ts';

/**
 * After prerouting the host routes: a redirected packet is the host's own, one translated to another address is forwarded unless that
 * address is the host's; a written one that nobody says is the host's is another's. Untranslated packets go where the question presumes
 * (`in`: to the host, `forward`: through it).
 */
export function goesThisWay(direction: Direction, { space, questions, hostAddresses }: ChangeContext): Node {
  const { bdd } = space;
  const toHost = space.numberIn('route', [[routes.toHost, routes.toHost]]);
  const toTarget = space.numberIn('route', [[routes.toTarget, routes.toAny]]);
  const toAny = space.numberIn('route', [[routes.toAny, routes.toAny]]);
  if (direction === 'out') return TRUE;
  const known = hostAddresses;
  const asked = questions.find(targetIsHost);
  const loopback =
    space.family === 'ipv4' ? space.addressIn('destination', [[0x7f000000n, 0x7fffffffn]]) : FALSE;
  const isHost =
    known.length > 0
      ? space.addressIn(
          'destination',
          known.toSorted((a, b) => (a[0] < b[0] ? -1 : 1)),
        )
      : direction === 'in'
        ? bdd.variable(askWhetherHost(questions))
        : asked === undefined
          ? FALSE
          : bdd.and(toAny, bdd.variable(asked));
  if (direction === 'forward') return bdd.not(bdd.or(toHost, bdd.and(toTarget, bdd.or(isHost, loopback))));
  // The kernel drops packets to 127.0.0.0/8 that did not come from lo, unless route_localnet is on.
  const local = bdd.and(
    loopback,
    bdd.variable(questions.ofPacket('route_localnet', 'net.ipv4.conf.*.route_localnet is on')),
  );
  const reaches = bdd.or(local, bdd.diff(isHost, loopback));
  return bdd.or(bdd.not(toTarget), reaches);
}
