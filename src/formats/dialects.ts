import type { FormatName } from '../model/firewall.ts';

/** A variant of a format as its detection names it, and what writes it. */
export interface Dialect {
  readonly name: string;
  readonly writtenBy: string;
}

export interface FormatDescription {
  readonly name: FormatName;
  readonly title: string;
  readonly dialects: readonly Dialect[];
}

/** What can be read, for `fw-audit formats` and the README. */
export const formatDescriptions: readonly FormatDescription[] = [
  {
    name: 'iptables',
    title: 'Linux iptables and ip6tables, legacy and nft variants, with ipset',
    dialects: [
      {
        name: 'iptables-save',
        writtenBy: 'iptables-save, ip6tables-save, /etc/iptables/rules.v4 and rules.v6',
      },
      { name: 'iptables-S', writtenBy: 'iptables -S' },
      {
        name: 'iptables-script',
        writtenBy:
          'shell scripts of iptables, iptables-restore, ipset and nft commands; wg-quick, systemd units, interfaces, cloud-init',
      },
      { name: 'iptables-L', writtenBy: 'iptables -L, with -n, -v, --line-numbers' },
      { name: 'ipset-save', writtenBy: 'ipset save' },
      { name: 'ipset-list', writtenBy: 'ipset list' },
    ],
  },
  {
    name: 'nftables',
    title: 'Linux nftables',
    dialects: [
      { name: 'nft-list', writtenBy: 'nft list ruleset' },
      { name: 'nft-script', writtenBy: '/etc/nftables.conf and other nft -f files' },
      { name: 'nft-commands', writtenBy: 'the nft commands of such scripts' },
      { name: 'nft-json', writtenBy: 'nft -j list ruleset' },
    ],
  },
  {
    name: 'pf',
    title: 'pf of OpenBSD, FreeBSD and macOS',
    dialects: [
      { name: 'pf.conf', writtenBy: '/etc/pf.conf' },
      { name: 'pfctl-sr', writtenBy: 'pfctl -sr, -sn and -vvsr' },
      { name: 'pfctl-sI', writtenBy: 'pfctl -sI -v and -vv' },
    ],
  },
  {
    name: 'windows',
    title: 'Windows Firewall',
    dialects: [
      { name: 'collector', writtenBy: 'the PowerShell command that “fw-audit formats windows” prints' },
      {
        name: 'netsh',
        writtenBy: 'netsh advfirewall firewall show rule name=all verbose, in seven languages',
      },
      { name: 'netsh-commands', writtenBy: 'scripts of netsh advfirewall commands' },
      { name: 'powershell-json', writtenBy: 'Get-NetFirewallRule and its filters | ConvertTo-Json' },
      { name: 'powershell-csv', writtenBy: 'the same | Export-Csv' },
      { name: 'powershell-list', writtenBy: 'the same on the console' },
      { name: 'clixml', writtenBy: 'the same | Export-Clixml' },
      { name: 'reg', writtenBy: 'reg export of the FirewallPolicy key' },
      { name: 'reg-query', writtenBy: 'reg query /s of the FirewallPolicy key' },
      { name: 'registry-pol', writtenBy: 'Registry.pol of a group policy' },
      { name: 'registry-hive', writtenBy: 'netsh advfirewall export (.wfw) and registry hives' },
      { name: 'mmc', writtenBy: 'Export List of the Windows Defender Firewall console' },
      { name: 'csp', writtenBy: 'the Firewall CSP of Intune and other MDM' },
      { name: 'policy-report', writtenBy: 'gpresult /x and Get-GPOReport -ReportType Xml' },
    ],
  },
];
