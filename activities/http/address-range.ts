import ipaddr from 'ipaddr.js';

/** A range of IPv4 in IPv6 form becomes the IPv4 range, as addresses do. @throws Error that names an entry which is no range */
export function readRange(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  try {
    if (text.includes('/')) {
      const [base, bits] = ipaddr.parseCIDR(text);
      const isMapped = base instanceof ipaddr.IPv6 && base.isIPv4MappedAddress() && bits >= 96;
      return isMapped ? [base.toIPv4Address(), bits - 96] : [base, bits];
    }
    const address = ipaddr.process(text);
    return [address, address.kind() === 'ipv4' ? 32 : 128];
  } catch {
    throw new Error(`${text} is neither an IP address nor a range such as 10.0.0.0/8.`);
  }
}
