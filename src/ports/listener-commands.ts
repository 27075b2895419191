import type { PortRange, Transport } from './port-types.ts';

/** How to see who holds a port, by operating system, each command as it is typed. */
export interface ListenerCheck {
  readonly linux: readonly string[];
  readonly macos: readonly string[];
  readonly windows: readonly string[];
  readonly freebsd: readonly string[];
  readonly openbsd: readonly string[];
  readonly netbsd: readonly string[];
}

/**
 * The commands for a port or range, for TCP and UDP or one of them.
 *
 * ss(8), lsof(8), netstat(8), sockstat(1), fstat(1), and Get-NetTCPConnection and Get-NetUDPEndpoint of Windows PowerShell. Commands
 * that cannot take a range (netstat with grep) are left out for one.
 */
export function listenerCheck({ from, to }: PortRange, only?: Transport): ListenerCheck {
  const single = from === to;
  const tcp = only === undefined || only === 'tcp';
  const udp = only === undefined || only === 'udp';
  const number = single ? String(from) : `${from}-${to}`;
  const filter = single ? `sport = :${from}` : `sport >= :${from} and sport <= :${to}`;
  const lsof = [
    ...(tcp ? [`sudo lsof -nP -iTCP:${number} -sTCP:LISTEN`] : []),
    ...(udp ? [`sudo lsof -nP -iUDP:${number}`] : []),
  ];
  const letters = `${tcp ? 't' : ''}${udp ? 'u' : ''}`;
  const names = [...(tcp ? ['tcp'] : []), ...(udp ? ['udp'] : [])].join(',');
  if (!tcp && !udp) {
    // SCTP and DCCP: only Linux' ss and FreeBSD's sockstat know them.
    return {
      linux: [`sudo ss -H -lnp ${only === 'sctp' ? '--sctp' : '--dccp'} '${filter}'`],
      macos: [],
      windows: [],
      freebsd: only === 'sctp' ? [`sockstat -46l -P sctp -p ${number}`] : [],
      openbsd: [],
      netbsd: [],
    };
  }
  return {
    linux: [
      `sudo ss -H -ln${letters}p '${filter}'`,
      ...lsof,
      ...(single ? [`sudo netstat -ln${letters}p | grep -E '[:.]${from}\\b'`] : []),
    ],
    macos: [...lsof, ...(single ? [`netstat -anv | grep '[.]${from} '`] : [])],
    windows: [
      ...(tcp ? [powershell('Get-NetTCPConnection -State Listen', from, to)] : []),
      ...(udp ? [powershell('Get-NetUDPEndpoint', from, to)] : []),
      ...(single
        ? [`netstat -ano | findstr ":${from} "`, 'tasklist /svc /FI "PID eq <PID from the last column>"']
        : []),
    ],
    freebsd: [`sockstat -46l -P ${names} -p ${number}`],
    openbsd: single
      ? [
          `netstat -ln | grep '[.]${from} '`,
          `fstat | grep -E 'internet6? (${[...(tcp ? ['stream tcp'] : []), ...(udp ? ['dgram udp'] : [])].join('|')}).*:${from}( |$)'`,
        ]
      : [],
    netbsd: [`sockstat -ln -p ${number}`],
  };
}

function powershell(command: string, from: number, to: number): string {
  const ports = from === to ? String(from) : `(${from}..${to})`;
  return (
    `${command} -LocalPort ${ports} -ErrorAction SilentlyContinue | Select-Object LocalAddress,LocalPort,OwningProcess,` +
    `@{n='Process';e={(Get-Process -Id $_.OwningProcess).ProcessName}}`
  );
}

/** Where a port can be open although nothing on the host listens. */
export const elsewhere: readonly string[] = [
  'Nothing listens? A container, a network namespace or a translation may still answer: docker ps, ip netns, iptables -t nat -S, nft list ruleset.',
  'Without root or administrator rights, the processes of other users have no name in these lists.',
];
