/**
 * The options of iptables(8) and iptables-extensions(8): how each is written, how many words it takes, whether `!` may stand before it.
 * What they mean is not known here.
 */
export interface OptionDefinition {
  /** Full long name. */
  readonly name: string;
  /** Words the option takes; `list` takes the following words that do not look like options. */
  readonly values: 0 | 1 | 2 | 'list';
  readonly negatable: boolean;
}

/** Options by every long spelling. */
export type OptionTable = ReadonlyMap<string, OptionDefinition>;

export interface ModuleDefinition {
  readonly kind: 'match' | 'target';
  readonly name: string;
  readonly options: OptionTable;
}

/*
 * One line a module: `spelling,alias=values`, `!` after the number where negation is allowed. Taken from the option tables in the
 * iptables sources (extensions/libxt_*.c, libipt_*.c, libip6t_*.c, release 1.8.9) and, for out-of-tree modules, xtables-addons.
 */
const matchLines = `
addrtype src-type=1! dst-type=1! limit-iface-in=0 limit-iface-out=0
ah ahspi=1! ahlen=1! ahres=0
bpf bytecode=1 object-pinned=1
cgroup cgroup=1! path=1!
cluster cluster-total-nodes=1 cluster-local-node=1! cluster-local-nodemask=1! cluster-hash-seed=1
comment comment=1
condition condition=1!
connbytes connbytes=1! connbytes-dir=1 connbytes-mode=1
connlabel label=1! set=0
connlimit connlimit-upto=1! connlimit-above=1! connlimit-mask=1 connlimit-saddr=0 connlimit-daddr=0
connmark mark=1!
conntrack ctstate=1! ctproto=1! ctorigsrc=1! ctorigdst=1! ctreplsrc=1! ctrepldst=1! ctorigsrcport=1! ctorigdstport=1! ctreplsrcport=1! ctrepldstport=1! ctstatus=1! ctexpire=1! ctdir=1
cpu cpu=1!
dccp source-port,sport=1! destination-port,dport=1! dccp-types=1! dccp-option=1!
devgroup src-group=1! dst-group=1!
dscp dscp=1! dscp-class=1!
dst dst-len=1! dst-opts=1
ecn ecn-tcp-cwr=0! ecn-tcp-ece=0! ecn-ip-ect=1!
esp espspi=1!
eui64
frag fragid=1! fraglen=1! fragres=0 fragfirst=0 fragmore=0 fraglast=0
fuzzy lower-limit=1 upper-limit=1
geoip source-country,src-cc=1! destination-country,dst-cc=1!
hashlimit hashlimit-upto,hashlimit=1! hashlimit-above=1! hashlimit-burst=1 hashlimit-mode=1 hashlimit-name=1 hashlimit-srcmask=1 hashlimit-dstmask=1 hashlimit-htable-size=1 hashlimit-htable-max=1 hashlimit-htable-expire=1 hashlimit-htable-gcinterval=1 hashlimit-rate-match=0 hashlimit-rate-interval=1
hbh hbh-len=1! hbh-opts=1
helper helper=1!
hl hl-eq=1! hl-lt=1 hl-gt=1
icmp icmp-type=1!
icmp6 icmpv6-type=1!
ipcomp ipcompspi=1! compres=0
iprange src-range=1! dst-range=1!
ipv6header header=1! soft=0
ipvs ipvs=0! vproto=1! vaddr=1! vport=1! vdir=1 vmethod=1! vportctl=1!
layer7 l7proto=1! l7dir=1
length length=1!
limit limit=1 limit-burst=1
mac mac-source=1!
mark mark=1!
mh mh-type=1!
multiport source-ports,sports=1! destination-ports,dports=1! ports=1!
nfacct nfacct-name=1
osf genre=1! ttl=1 log=1
owner uid-owner=1! gid-owner=1! pid-owner=1! sid-owner=1! cmd-owner=1! socket-exists=0! suppl-groups=0
physdev physdev-in=1! physdev-out=1! physdev-is-in=0! physdev-is-out=0! physdev-is-bridged=0!
pkttype pkt-type=1!
policy dir=1 pol=1 strict=0 reqid=1! spi=1! proto=1! mode=1! tunnel-src=1! tunnel-dst=1! next=0
psd psd-weight-threshold=1 psd-delay-threshold=1 psd-lo-ports-weight=1 psd-hi-ports-weight=1
quota quota=1!
quota2 name=1 quota=1! grow=0 no-change=0 packets=0
random average=1
rateest rateest1=1 rateest2=1 rateest=1 rateest-delta=0 rateest-bps=list rateest-pps=list rateest-bps1=1 rateest-bps2=1 rateest-pps1=1 rateest-pps2=1 rateest-lt=0! rateest-gt=0! rateest-eq=0!
realm realm=1!
recent name=1 rsource=0 rdest=0 mask=1 set=0! rcheck=0! update=0! remove=0! seconds=1 reap=0 hitcount=1 rttl=0
rpfilter loose=0 validmark=0 accept-local=0 invert=0
rt rt-type=1! rt-segsleft=1! rt-len=1! rt-0-res=0 rt-0-addrs=1 rt-0-not-strict=0
sctp source-port,sport=1! destination-port,dport=1! chunk-types=2!
set match-set,set=2! return-nomatch=0 update-counters=0! update-subcounters=0! packets-eq=1! packets-lt=1 packets-gt=1 bytes-eq=1! bytes-lt=1 bytes-gt=1
socket transparent=0 nowildcard=0 restore-skmark=0
srh srh-next-hdr=1! srh-hdr-len-eq=1! srh-hdr-len-gt=1! srh-hdr-len-lt=1! srh-segs-left-eq=1! srh-segs-left-gt=1! srh-segs-left-lt=1! srh-last-entry-eq=1! srh-last-entry-gt=1! srh-last-entry-lt=1! srh-tag=1! srh-psid=1! srh-nsid=1! srh-lsid=1!
state state=1!
statistic mode=1 probability=1! every=1! packet=1
string from=1 to=1 algo=1 string=1! hex-string=1! icase=0
tcp source-port,sport=1! destination-port,dport=1! tcp-flags=2! syn=0! tcp-option=1!
tcpmss mss=1!
time timestart=1 timestop=1 monthdays=1! weekdays=1! datestart=1 datestop=1 kerneltz=0 utc=0 localtz=0 contiguous=0 days=1
tos tos=1!
ttl ttl-eq,ttl=1! ttl-lt=1 ttl-gt=1
u32 u32=1!
udp source-port,sport=1! destination-port,dport=1!
udplite source-port,sport=1! destination-port,dport=1!
unclean
`;

const targetLines = `
ACCEPT
ACCOUNT addr=1 tname=1
AUDIT type=1
CHAOS delude=0 tarpit=0
CHECKSUM checksum-fill=0
CLASSIFY set-class=1
CLUSTERIP new=0 hashmode=1 clustermac=1 total-nodes=1 local-node=1 hash-init=1
CONNMARK set-xmark=1 set-mark=1 and-mark=1 or-mark=1 xor-mark=1 save-mark=0 restore-mark=0 ctmask=1 nfmask=1 mask=1 left-shift-mark=1 right-shift-mark=1
CONNSECMARK save=0 restore=0
CT notrack=0 helper=1 ctevents=1 expevents=1 zone=1 zone-orig=1 zone-reply=1 timeout=1
DELUDE
DNAT to-destination=1 random=0 persistent=0
DNPT src-pfx=1 dst-pfx=1
DROP
DSCP set-dscp=1 set-dscp-class=1
ECN ecn-tcp-remove=0 ecn-tcp-cwr=1 ecn-tcp-ece=1 ecn-ip-ect=1
FLOWOFFLOAD hw=0
HL hl-set=1 hl-dec=1 hl-inc=1
HMARK hmark-tuple=1 hmark-mod=1 hmark-offset=1 hmark-src-prefix=1 hmark-dst-prefix=1 hmark-sport-mask=1 hmark-dport-mask=1 hmark-spi-mask=1 hmark-sport=1 hmark-dport=1 hmark-spi=1 hmark-proto-mask=1 hmark-rnd=1
IDLETIMER timeout=1 label=1 alarm=0
LED led-trigger-id=1 led-delay=1 led-always-blink=0
LOG log-level=1 log-prefix=1 log-tcp-sequence=0 log-tcp-options=0 log-ip-options=0 log-uid=0 log-macdecode=0
MARK set-xmark=1 set-mark=1 and-mark=1 or-mark=1 xor-mark=1
MASQUERADE to-ports=1 random=0 random-fully=0
NETFLOW
NETMAP to=1
NFLOG nflog-group=1 nflog-prefix=1 nflog-range=1 nflog-size=1 nflog-threshold=1
NFQUEUE queue-num=1 queue-balance=1 queue-bypass=0 queue-cpu-fanout=0
NOTRACK
QUEUE
RATEEST rateest-name=1 rateest-interval=1 rateest-ewmalog=1
REDIRECT to-ports=1 random=0
REJECT reject-with=1
RETURN
SAME to=1 nodst=0 random=0
SECMARK selctx=1
SET add-set=2 del-set=2 map-set=2 timeout=1 exist=0 map-mark=0 map-prio=0 map-queue=0
SNAT to-source=1 random=0 random-fully=0 persistent=0
SNPT src-pfx=1 dst-pfx=1
STEAL
SYNPROXY mss=1 wscale=1 timestamp=0 sack-perm=0 ecn=0
TARPIT tarpit=0 honeypot=0 reset=0
TCPMSS set-mss=1 clamp-mss-to-pmtu=0
TCPOPTSTRIP strip-options=1
TEE gateway=1 oif=1
TOS set-tos=1 and-tos=1 or-tos=1 xor-tos=1
TPROXY on-port=1 on-ip=1 tproxy-mark=1
TRACE
TTL ttl-set=1 ttl-dec=1 ttl-inc=1
ULOG ulog-nlgroup=1 ulog-prefix=1 ulog-cprange=1 ulog-qthreshold=1
`;

/* The options of the command itself: xshared.h `OPTSTRING_COMMON` and `options[]` of iptables/iptables.c. */
const coreLine =
  'core append=1 check=1 delete=list insert=list replace=list list=list list-rules=list flush=list zero=list new-chain=1 ' +
  'delete-chain=list rename-chain=2 policy=2 source,src=1! destination,dst=1! protocol=1! in-interface=1! out-interface=1! ' +
  'jump=1 goto=1 match=1 table=1 fragments=0! numeric=0 verbose=0 exact=0 line-numbers=0 wait=list wait-interval=list modprobe=1 ' +
  'set-counters=2 ipv4=0 ipv6=0 help=0 version=0';

/** Long names of the one-letter options. */
export const shortOptions: ReadonlyMap<string, string> = new Map([
  ['A', 'append'],
  ['C', 'check'],
  ['D', 'delete'],
  ['I', 'insert'],
  ['R', 'replace'],
  ['L', 'list'],
  ['S', 'list-rules'],
  ['F', 'flush'],
  ['Z', 'zero'],
  ['N', 'new-chain'],
  ['X', 'delete-chain'],
  ['E', 'rename-chain'],
  ['P', 'policy'],
  ['s', 'source'],
  ['d', 'destination'],
  ['p', 'protocol'],
  ['i', 'in-interface'],
  ['o', 'out-interface'],
  ['j', 'jump'],
  ['g', 'goto'],
  ['m', 'match'],
  ['t', 'table'],
  ['f', 'fragments'],
  ['n', 'numeric'],
  ['v', 'verbose'],
  ['x', 'exact'],
  ['w', 'wait'],
  ['W', 'wait-interval'],
  ['M', 'modprobe'],
  ['c', 'set-counters'],
  ['4', 'ipv4'],
  ['6', 'ipv6'],
  ['h', 'help'],
  ['V', 'version'],
  ['0', 'line-numbers'],
]);

function parseOptions(line: string): OptionTable {
  const options = new Map<string, OptionDefinition>();
  for (const spec of line.split(' ').slice(1)) {
    const [spellings = '', shape = '0'] = spec.split('=');
    const names = spellings.split(',');
    const count = shape.startsWith('list')
      ? 'list'
      : shape.startsWith('2')
        ? 2
        : shape.startsWith('1')
          ? 1
          : 0;
    const definition: OptionDefinition = {
      name: names[0]!,
      values: count,
      negatable: shape.endsWith('!'),
    };
    for (const spelling of names) options.set(spelling, definition);
  }
  return options;
}

/** The options of a module are read when a rule names it: there are many modules, and a rule set uses few. */
function parseLines(lines: string, kind: 'match' | 'target'): ReadonlyMap<string, ModuleDefinition> {
  return new Map(
    lines
      .trim()
      .split('\n')
      .map((line): [string, ModuleDefinition] => {
        const [name = ''] = line.split(' ', 1);
        let options: OptionTable | undefined;
        return [
          name,
          {
            kind,
            name,
            get options() {
              return (options ??= parseOptions(line));
            },
          },
        ];
      }),
  );
}

export const coreOptions: OptionTable = parseOptions(coreLine);
export const matchModules: ReadonlyMap<string, ModuleDefinition> = parseLines(matchLines, 'match');
export const targetModules: ReadonlyMap<string, ModuleDefinition> = parseLines(targetLines, 'target');

/** The name of the match that a protocol brings with it: `-p tcp --dport` needs no `-m tcp` (find_proto in xshared.c). */
export function matchOfProtocol(protocol: string): string {
  const lower = protocol.toLowerCase();
  // Numbers are read as C reads them: 021 and 0x11 are 17.
  const octal = /^0[0-7]+$/.test(lower);
  const name = octal || /^0x[0-9a-f]+$/.test(lower) ? String(Number.parseInt(lower, octal ? 8 : 16)) : lower;
  switch (name) {
    case '6':
      return 'tcp';
    case '17':
      return 'udp';
    case '1':
      return 'icmp';
    case '33':
      return 'dccp';
    case '132':
      return 'sctp';
    case '136':
      return 'udplite';
    case '50':
      return 'esp';
    case '51':
      return 'ah';
    case '58':
    case 'icmpv6':
    case 'ipv6-icmp':
      return 'icmp6';
    case '135':
    case 'ipv6-mh':
    case 'mobility-header':
      return 'mh';
    default:
      return name;
  }
}

/** Other spellings of match names (xtables_find_match). */
export function matchModuleName(name: string): string {
  return name === 'icmpv6' || name === 'ipv6-icmp' ? 'icmp6' : name;
}
