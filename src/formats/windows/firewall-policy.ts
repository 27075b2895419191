import type { ProfileSettings } from './windows-rule.ts';

type PolicySettings = Pick<ProfileSettings, 'inbound' | 'shieldsUp' | 'outbound' | 'unknown'>;

/** `BlockInbound,AllowOutbound`: never translated, in `show allprofiles` and in `set … firewallpolicy`. */
export function parseFirewallPolicy(text: string): PolicySettings {
  let settings: PolicySettings = {};
  for (const piece of text.split(',')) {
    switch (piece.trim().toLowerCase()) {
      case 'blockinbound':
        settings = { ...settings, inbound: 'block', shieldsUp: false };
        break;
      case 'blockinboundalways':
        settings = { ...settings, inbound: 'block', shieldsUp: true };
        break;
      case 'allowinbound':
        settings = { ...settings, inbound: 'allow', shieldsUp: false };
        break;
      case 'allowoutbound':
        settings = { ...settings, outbound: 'allow' };
        break;
      case 'blockoutbound':
        settings = { ...settings, outbound: 'block' };
        break;
      case '':
      case 'notconfigured':
      case 'n/a':
        break;
      default:
        settings = { ...settings, unknown: `firewall policy “${piece.trim()}” is not understood` };
    }
  }
  return settings;
}
