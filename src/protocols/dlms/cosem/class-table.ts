/** An interface class (DLMS UA 1000-1): what its attributes from the second on are, and which are read for a reading. */
export interface InterfaceClass {
  readonly name: string;
  /** With `|` between. */
  readonly attributes: string;
  /** Numbers of the attributes that make a reading, the value first; absent: the second. */
  readonly reads?: readonly number[];
  /** Where scaler and unit are. */
  readonly scaler?: number;
  /** Attributes that are times, though they may be written as octets. */
  readonly times?: readonly number[];
  /** The attribute that says when another one was captured. */
  readonly captured?: { readonly at: number; readonly of: number };
  /** What the numbers of an attribute mean, from 0 on, with `|` between. */
  readonly words?: Readonly<Record<number, string>>;
}

const RATES = '300 Bd|600 Bd|1200 Bd|2400 Bd|4800 Bd|9600 Bd|19200 Bd|38400 Bd|57600 Bd|115200 Bd';

export const classes: Readonly<Record<number, InterfaceClass>> = {
  1: { name: 'Data', attributes: 'value' },
  3: { name: 'Register', attributes: 'value|scaler and unit', reads: [2, 3], scaler: 3 },
  4: {
    name: 'Extended register',
    attributes: 'value|scaler and unit|status|capture time',
    reads: [2, 3, 5],
    scaler: 3,
    times: [5],
    captured: { at: 5, of: 2 },
  },
  5: {
    name: 'Demand register',
    attributes:
      'current average|last average|scaler and unit|status|capture time|start of the period|period|number of periods',
    reads: [2, 3, 4, 6],
    scaler: 4,
    times: [6, 7],
    // The current average is still under way.
    captured: { at: 6, of: 3 },
  },
  6: { name: 'Register activation', attributes: 'registers|masks|active mask', reads: [4] },
  7: {
    name: 'Profile',
    attributes: 'buffer|captured objects|period|sorting|sorted by|entries in use|entries',
    reads: [3, 4, 5, 2],
    words: {
      5: '|oldest first|newest first|largest first|smallest first|nearest to zero first|farthest from zero first',
    },
  },
  8: {
    name: 'Clock',
    attributes:
      'time|time zone|status|daylight saving begins|daylight saving ends|daylight saving deviation|daylight saving is on|clock base',
    times: [2, 5, 6],
    words: { 9: 'none|crystal|mains 50 Hz|mains 60 Hz|GPS|radio' },
  },
  9: { name: 'Script table', attributes: 'scripts' },
  10: { name: 'Schedule', attributes: 'entries' },
  11: { name: 'Special days', attributes: 'entries' },
  12: { name: 'Association (short names)', attributes: 'objects|access rights|security setup' },
  15: {
    name: 'Association',
    attributes:
      'objects|partners|application context|xDLMS context|authentication mechanism|secret|status|security setup|users|current user',
    reads: [3],
    words: { 8: 'not associated|association pending|associated' },
  },
  17: { name: 'Logical devices', attributes: 'logical devices' },
  18: {
    name: 'Image transfer',
    attributes: 'block size|transferred blocks|first block not transferred|enabled|status|images to activate',
    reads: [6, 5],
    words: {
      6: 'not initiated|initiated|verification initiated|verified|verification failed|activation initiated|activated|activation failed',
    },
  },
  19: {
    name: 'Optical port',
    attributes: 'mode|first rate|proposed rate|response time|address|password 1|password 2|password of W5',
    reads: [2, 3, 4, 5, 6],
    words: { 2: 'IEC 62056-21|HDLC at once|maker’s own', 3: RATES, 4: RATES, 5: '20 ms|200 ms' },
  },
  20: {
    name: 'Activity calendar',
    attributes:
      'active name|active seasons|active weeks|active days|passive name|passive seasons|passive weeks|passive days|activation time',
    reads: [2, 6, 10],
    times: [10],
  },
  21: { name: 'Register monitor', attributes: 'thresholds|monitored value|actions' },
  22: { name: 'Single action schedule', attributes: 'script|type|times', reads: [4] },
  23: {
    name: 'HDLC setup',
    attributes: 'rate|window sent|window taken|bytes sent|bytes taken|gap in a frame, ms|inactivity, s|address',
    reads: [2, 3, 4, 5, 6, 7, 8, 9],
    words: { 2: RATES },
  },
  24: { name: 'Twisted pair setup', attributes: 'mode|rate|primary address|tabs' },
  25: {
    name: 'M-Bus slave port',
    attributes: 'first rate|available rate|address state|bus address',
    reads: [2, 3, 4, 5],
    words: { 2: RATES, 3: RATES, 4: 'not assigned|assigned' },
  },
  26: { name: 'Utility tables', attributes: 'table|length|buffer' },
  27: { name: 'Modem', attributes: 'rate|initialization|profile', words: { 2: RATES } },
  28: {
    name: 'Auto answer',
    attributes: 'mode|listening windows|status|calls|rings|allowed callers',
    reads: [2, 4, 5],
  },
  29: {
    name: 'Auto connect',
    attributes: 'mode|repetitions|delay between|calling windows|destinations',
    reads: [2, 3, 4, 6],
  },
  30: {
    name: 'Data protection',
    attributes: 'protected buffer|protected objects|get parameters|set parameters|required',
  },
  40: {
    name: 'Push setup',
    attributes:
      'objects|destination and method|time windows|random start, s|retries|repetition delay|port|client|protection|operation|confirmation|last confirmation',
    reads: [3, 4, 5, 6],
  },
  41: {
    name: 'TCP and UDP setup',
    attributes: 'port|IP setup|segment size|connections|timeout, s',
    reads: [2, 4, 5, 6],
  },
  42: {
    name: 'IPv4 setup',
    attributes: 'link|address|multicast addresses|options|subnet mask|gateway|uses DHCP|first DNS|second DNS',
    reads: [3, 6, 7, 8, 9, 10],
  },
  43: { name: 'MAC address', attributes: 'address' },
  44: { name: 'PPP setup', attributes: 'port|LCP options|IPCP options|authentication' },
  45: { name: 'GPRS modem', attributes: 'access point|PIN|quality of service' },
  46: { name: 'SMTP setup', attributes: 'port|user|password|server|sender' },
  47: {
    name: 'Mobile network',
    attributes: 'operator|registration|circuit status|packet status|cell|neighbors|captured',
    reads: [2, 3, 4, 5, 6, 8],
    times: [8],
    words: {
      3: 'not registered|at home|searching|denied|unknown|roaming',
      4: 'inactive|incoming call|active',
      5: 'inactive|GPRS|EDGE|UMTS|HSDPA|LTE|CDMA|LTE-M|NB-IoT',
    },
  },
  48: {
    name: 'IPv6 setup',
    attributes: 'link|address mode|unicast addresses|multicast addresses|gateways|first DNS|second DNS',
  },
  61: { name: 'Register table', attributes: 'cells|cell attributes|scaler and unit', reads: [2, 4], scaler: 4 },
  62: { name: 'Compact data', attributes: 'buffer|captured objects|template|template description|capture method' },
  63: { name: 'Status mapping', attributes: 'status word|mapping' },
  64: {
    name: 'Security setup',
    attributes: 'policy|suite|client title|server title|certificates',
    reads: [2, 3, 4, 5],
    words: { 3: 'AES-GCM-128|AES-GCM-128, ECDSA P-256|AES-GCM-256, ECDSA P-384' },
  },
  65: {
    name: 'Parameter monitor',
    attributes: 'changed parameter|capture time|parameters|name|hash|list',
    reads: [3],
    times: [3],
  },
  66: { name: 'Measurement data monitoring', attributes: 'thresholds|actions|state' },
  67: { name: 'Sensor manager', attributes: 'serial number|metrology|output|sensor' },
  68: { name: 'Arbitrator', attributes: 'actions|permissions|weights|last requests|last outcome' },
  70: {
    name: 'Disconnect control',
    attributes: 'output|state|mode',
    reads: [2, 3, 4],
    words: { 3: 'disconnected|connected|ready to be connected' },
  },
  71: {
    name: 'Limiter',
    attributes:
      'monitored value|active threshold|normal threshold|emergency threshold|least time over, s|least time under, s|emergency profile|emergency groups|emergency is on|actions',
    reads: [3, 4, 5, 6, 7, 10],
  },
  72: {
    name: 'M-Bus client',
    attributes:
      'port|capture definition|capture period|primary address|identification|maker|version|medium|access number|status|alarm|configuration|key status',
    reads: [5, 6, 7, 8, 9, 10, 11, 12],
    words: {
      14: 'no encryption|key set|key transferred|key set and transferred|key in use',
    },
  },
  73: { name: 'Wireless mode Q channel', attributes: 'address|address state|device|own address' },
  74: { name: 'M-Bus master port', attributes: 'rate|state', words: { 2: RATES } },
  77: {
    name: 'M-Bus diagnostic',
    attributes: 'signal|channel|link status|sent|received|failed|captured',
    reads: [2, 4],
  },
  100: { name: 'NTP setup', attributes: 'active|server|port|authentication|keys|client key' },
  111: {
    name: 'Account',
    attributes:
      'mode and status|credit in use|credit status|available credit|amount to clear|clearance threshold|debt|credits|charges|configurations|gateways|activated|closed|currency|low credit|next credit|most provision|provision period',
    reads: [2, 3, 4, 5, 6, 8],
    times: [13, 14],
  },
  112: {
    name: 'Credit',
    attributes: 'amount|type|priority|warning|limit|configuration|status|preset|threshold|period',
    reads: [2, 3, 8],
    words: {
      3: 'token|reserved|emergency|time based|consumption based',
      8: 'enabled|selectable|selected|in use|exhausted',
    },
  },
  113: {
    name: 'Charge',
    attributes:
      'total paid|type|priority|active unit charge|passive unit charge|passive unit charge from|period|configuration|last collected|last amount|remaining|proportion',
    reads: [2, 3, 10, 11, 12],
    times: [7, 10],
    words: { 3: 'by consumption|by time|by payment' },
  },
  115: { name: 'Token gateway', attributes: 'token|time|description|delivery|status', reads: [3, 5], times: [3] },
  116: { name: 'STS', attributes: 'key' },
  122: { name: 'Function control', attributes: 'activation|functions' },
  123: { name: 'Array manager', attributes: 'arrays' },
  124: {
    name: 'Port protection',
    attributes: 'mode|allowed failures|first lockout|steepness|most lockout|ports|state|failures|all failures',
  },
  151: { name: 'LTE monitoring', attributes: 'network|quality|neighbors' },
};
