import { FALSE, type Node, TRUE } from '../packets/bdd.ts';
import type { Direction } from '../packets/fields.ts';
import { type ChangeContext, routes } from './compile-change.ts';

/**
 * After prerouting the host routes: a redirected packet is the host's own, one translated to another address is forwarded unless that
 * address is the host's. Untranslated packets go where the question presumes (`in`: to the host, `forward`: through it).
 */
export function goesThisWay(direction: Direction, { space, questions, hostAddresses }: ChangeContext): Node {
  const { bdd } = space;
  const toHost = space.numberIn('route', [[routes.toHost, routes.toHost]]);
  const toTarget = space.numberIn('route', [[routes.toTarget, routes.toTarget]]);
  if (direction === 'out') return TRUE;
  const known = hostAddresses;
  const loopback =
    space.family === 'ipv4' ? space.addressIn('destination', [[0x7f000000n, 0x7fffffffn]]) : FALSE;
  const isHost =
    known.length > 0
      ? space.addressIn(
          'destination',
          known.toSorted((a, b) => (a[0] < b[0] ? -1 : 1)),
        )
      : direction === 'in'
        ? bdd.variable(
            questions.ofPacket(
              'target is host',
              'the address it is translated to is an address of this host',
            ),
          )
        : FALSE;
  if (direction === 'forward') return bdd.not(bdd.or(toHost, bdd.and(toTarget, bdd.or(isHost, loopback))));
  // The kernel drops packets to 127.0.0.0/8 that did not come from lo, unless route_localnet is on.
  const local = bdd.and(
    loopback,
    bdd.variable(questions.ofPacket('route_localnet', 'net.ipv4.conf.*.route_localnet is on')),
  );
  const reaches = bdd.or(local, bdd.diff(isHost, loopback));
  return bdd.or(bdd.not(toTarget), reaches);
}
