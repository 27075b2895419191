/**
 * One line for an elevated or plain PowerShell (5.1 and 7) that prints everything fw-audit can use as JSON. It only asks (`Get-…`): nothing
 * on the host changes. The active store holds what counts: local rules, group policy and device management together, and the
 * effective profile settings. Filters are fetched in bulk and joined here by InstanceID, because asking for them rule by rule takes
 * minutes. Lists stay lists in JSON, while Export-Csv would write System.String[].
 */
export const windowsCollector = [
  "$s = @{ PolicyStore = 'ActiveStore' }; [ordered]@{ fwAuditCollector = 1;",
  'profiles = @(Get-NetFirewallProfile @s | Select-Object Name, Enabled, DefaultInboundAction, DefaultOutboundAction, AllowInboundRules, AllowLocalFirewallRules, DisabledInterfaceAliases);',
  'rules = @(Get-NetFirewallRule @s | Select-Object InstanceID, DisplayName, Enabled, Direction, Action, Profile, Platform, EdgeTraversalPolicy, Owner, PolicyAppId, RemoteDynamicKeywordAddresses, PolicyStoreSource, PolicyStoreSourceType);',
  'portFilters = @(Get-NetFirewallPortFilter @s | Select-Object InstanceID, Protocol, LocalPort, RemotePort, IcmpType, DynamicTarget);',
  'addressFilters = @(Get-NetFirewallAddressFilter @s | Select-Object InstanceID, LocalAddress, RemoteAddress);',
  'applicationFilters = @(Get-NetFirewallApplicationFilter @s | Select-Object InstanceID, Program, Package);',
  'serviceFilters = @(Get-NetFirewallServiceFilter @s | Select-Object InstanceID, Service);',
  'interfaceFilters = @(Get-NetFirewallInterfaceFilter @s | Select-Object InstanceID, InterfaceAlias);',
  'interfaceTypeFilters = @(Get-NetFirewallInterfaceTypeFilter @s | Select-Object InstanceID, InterfaceType);',
  'securityFilters = @(Get-NetFirewallSecurityFilter @s | Select-Object InstanceID, Authentication, Encryption, OverrideBlockRules, LocalUser, RemoteUser, RemoteMachine)',
  '} | ConvertTo-Json -Depth 4 -Compress | Out-File -Encoding utf8 firewall.json',
].join(' ');
