/** Why a port deserves a look: stable names, each with the sentence that people read. */
export const scrutinyReasons = {
  'wide-range': 'a whole range is open: more than any one service needs',
  debugger: 'a debugger or a service that runs the code it is sent',
  'management-api': 'a management interface: who reaches it may control the machine or cluster',
  industrial: 'industrial control: such protocols rarely ask who is speaking',
  'clear-text': 'sends passwords and data unencrypted',
  'remote-admin': 'remote administration: a door for password guessing',
  'file-sharing': 'file sharing or remote procedure calls, meant for a local network',
  database: 'a database or cache: data to whoever gets in',
  unassigned: 'nobody has claimed this port',
  reserved: 'IANA holds this port back: nothing should use it',
  'de-assigned': 'IANA took this port back: only old software may still use it',
  'not-listed': 'the registry has no entry for this port with this transport',
  dynamic: 'dynamic range: never assigned to any service, handed out to outgoing connections',
  'ephemeral-range':
    'hosts take the source ports of their own connections from here; a stateful firewall needs no rule for the replies',
  'obscure-assignment': 'assigned, but no known product uses it',
  'udp-reflection': 'answers forged sources with more than it receives: usable to flood others',
  'assigned-other-transport': 'assigned, but not for this transport: perhaps the rule opens one too many',
  'assigned-private-use': 'set aside for any private service: the number says nothing',
  'known-unofficial-use': 'not assigned, but known software uses it: confirm that it is the one meant',
} as const satisfies Readonly<Record<string, string>>;

export type ScrutinyReason = keyof typeof scrutinyReasons;

const sentences = new Map<string, string>(Object.entries(scrutinyReasons));

/** The sentence of a reason; a name from elsewhere is its own sentence. */
export function reasonSentence(name: string): string {
  return sentences.get(name) ?? name;
}
