/** How far a construct is understood. `full`: exactly; `conditional`: possible, with its condition; `ignored`: decides nothing. */
export type SupportLevel = 'full' | 'conditional' | 'ignored';

export interface WindowsSupport {
  readonly kind: 'rule' | 'port' | 'address' | 'export';
  readonly name: string;
  readonly level: SupportLevel;
  readonly note: string;
  /** Fields of a registry rule that use the construct; a test reads them and compares what comes out with `level`. */
  readonly example?: string;
}

const rule = (name: string, level: SupportLevel, note: string, example: string): WindowsSupport => ({
  kind: 'rule',
  name,
  level,
  note,
  example,
});
const port = (name: string, level: SupportLevel, note: string): WindowsSupport => ({
  kind: 'port',
  name,
  level,
  note,
  example: `LPort=${name}|`,
});
const address = (name: string, note: string): WindowsSupport => ({
  kind: 'address',
  name,
  level: 'conditional',
  note,
  example: `RA4=${name}|`,
});
const input = (name: string, level: SupportLevel, note: string): WindowsSupport => ({
  kind: 'export',
  name,
  level,
  note,
});

/** What `fw-audit formats windows` and the grammar's README say; rule constructs have their registry names (MS-GPFAS 2.2.2.19). */
export const windowsSupport: readonly WindowsSupport[] = [
  rule('Profile', 'full', 'domain, private, public; absent means all three', 'Profile=Private|'),
  rule('Protocol', 'full', 'number or name; absent or 256 means any', ''),
  rule(
    'LPort, RPort',
    'full',
    'ports, ranges and keywords, with TCP and UDP',
    'LPort=22|LPort2_10=5000-5010|RPort=443|',
  ),
  rule(
    'LA4, LA6, RA4, RA6',
    'full',
    'addresses, ranges, networks; one family alone excludes the other',
    'RA4=10.0.0.0/8|LA4=192.0.2.1|',
  ),
  rule('ICMP4, ICMP6', 'full', 'type and code', 'Protocol=1|ICMP4=8:*|'),
  rule('App', 'full', 'a named condition: only while that program listens', 'App=C:\\a.exe|'),
  rule('Svc', 'full', 'a named condition; * means any service', 'Svc=Dnscache|'),
  rule('AppPkgId, PFN', 'full', 'a named condition: one application package', 'AppPkgId=S-1-15-2-1|'),
  rule('IF', 'full', 'interfaces by GUID or alias', 'IF={00000000-0000-0000-0000-000000000001}|'),
  rule('IFType', 'full', 'Lan, Wireless, RemoteAccess', 'IFType=Wireless|'),
  rule('Edge, Defer', 'ignored', 'adds Teredo to the ways in; narrows nothing', 'Edge=TRUE|'),
  rule(
    'Security',
    'conditional',
    'only connections that IPsec has authenticated (and encrypted)',
    'Security=Authenticate|',
  ),
  rule(
    'RMauth, RUAuth',
    'conditional',
    'only the listed computers or remote users',
    'RMauth=O:LSD:(A;;CC;;;S-1-5-21-1)|',
  ),
  rule('LUAuth, LUOwn', 'conditional', 'only programs of the listed local users', 'LUOwn=S-1-5-21-1|'),
  rule('Platform', 'conditional', 'only some Windows versions', 'Platform=2:10:0|'),
  rule('SkipVer', 'conditional', 'firewalls up to this version skip the rule', 'SkipVer=2.20|'),
  rule('TTK', 'conditional', 'only paired devices (proximity, wireless display)', 'TTK2_22=WFDPrint|'),
  rule('NNm, SecurityRealmId', 'conditional', 'only the named network or realm', 'NNm=Office|'),
  rule('RADynKey', 'conditional', 'only addresses of a dynamic keyword', 'RADynKey={1}|'),
  rule('LSM, LOM, PCross', 'ignored', 'how answers find their way back', 'LOM=TRUE|'),
  rule('Desc, EmbedCtxt', 'ignored', 'text', 'Desc=text|'),
  port('RPC', 'conditional', 'some of tcp 49152-65535'),
  port('RPC-EPMap', 'full', 'tcp 135'),
  port('IPHTTPSIn', 'conditional', 'tcp 443'),
  port('Teredo', 'conditional', 'any UDP port'),
  port('DHCP', 'conditional', 'udp 67-68'),
  port('mDNS', 'full', 'udp 5353'),
  port('Ply2Disc', 'conditional', 'any UDP port'),
  port('TcpCDPSvc', 'conditional', 'tcp 5040'),
  address('LocalSubnet', 'the subnets of the host’s interfaces'),
  address('DNS', 'the configured servers; DHCP, WINS and DefaultGateway likewise'),
  address('IntErnet', 'what network isolation says; IntrAnet and RmtIntrAnet likewise'),
  address('Ply2Renders', 'discovered devices'),
  address('CaptivePortal', 'captive portal hosts'),
  input('collector', 'full', 'everything: rules with all filters, policy, effective profile settings'),
  input(
    'reg, reg-query, registry-hive',
    'full',
    'everything that is in the keys; local rules, policy and service hardening',
  ),
  input(
    'registry-pol, policy-report',
    'full',
    'group policy alone, also as the text that LGPO.exe makes; local rules are not in it',
  ),
  input(
    'powershell-json, -csv, -list, -table, clixml',
    'full',
    'with all filters; each missing filter makes its rules conditional',
  ),
  input(
    'netsh verbose',
    'full',
    'no packages or users: rules for any protocol without a program are conditional',
  ),
  input(
    'netsh without verbose',
    'conditional',
    'no program, service, interface type or security: every rule is conditional',
  ),
  input('netsh-commands', 'full', 'what the commands add; other rules of the host are not in it'),
  input(
    'powershell-script',
    'full',
    'New-, Set-, Enable-, Disable- and Remove-NetFirewallRule with constants, also in loops, tables that change, aliases and texts that run; what only a run could tell is a condition',
  ),
  input(
    'mmc',
    'full',
    'no services and interface types; ICMP rules and lists without direction are conditional',
  ),
  input('csp', 'full', 'what management wants; absent Direction means outbound'),
  input(
    'graph',
    'full',
    'windowsFirewallRules of Intune from Microsoft Graph: as csp, with the profiles of the configuration',
  ),
];

/** The table of the grammar's README. */
export function windowsSupportTable(): string {
  const rows = windowsSupport.map(
    ({ kind, name, level, note }) => `| ${kind} | ${name} | ${level} | ${note} |`,
  );
  return ['| kind | construct | support | note |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
