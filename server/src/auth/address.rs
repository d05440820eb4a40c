//! The client's address, for rate limits: never what a client may write about itself.
//!
//! Behind proxies each adds the address that it saw at the end of `X-Forwarded-For`. Read from that
//! end, the first one that is no proxy of ours is the client; what stands before it, the client may
//! have made up. Without named proxies the header counts for nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use axum::extract::ConnectInfo;
use axum::http::Extensions;
use axum::http::HeaderMap;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// A range of addresses, such as `10.0.0.0/8` or a single one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    base: u128,
    /// Bits that count, of 128.
    bits: u32,
}

/// IPv4 in its place within IPv6 (RFC 4291, section 2.5.5.2), so that both are one kind.
fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

impl Network {
    pub fn contains(self, address: IpAddr) -> bool {
        self.bits == 0 || (self.base ^ number(address)) >> (128 - self.bits) == 0
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let wrong = || format!("{text:?} is neither an address nor a range such as 10.0.0.0/8");
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let (width, offset) = if address.is_ipv4() { (32, 96) } else { (128, 0) };
        let bits = match bits {
            None => width,
            Some(bits) => bits.parse::<u32>().ok().filter(|b| *b <= width).ok_or_else(wrong)?,
        };
        Ok(Self { base: number(address), bits: bits + offset })
    }
}

/// The proxies that are believed.
#[derive(Debug, Clone, Default)]
pub struct Proxies(Vec<Network>);

impl Proxies {
    pub fn new(networks: Vec<Network>) -> Self {
        Self(networks)
    }

    fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// Whose request it is.
    pub fn client(&self, headers: &HeaderMap, extensions: &Extensions) -> IpAddr {
        let peer = extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip());
        if !self.contain(peer) {
            return peer.to_canonical();
        }
        let mut client = peer;
        for value in headers.get_all(FORWARDED_FOR).iter().rev() {
            let Ok(value) = value.to_str() else { return client.to_canonical() };
            for given in value.rsplit(',') {
                // What is no address ends what can be believed.
                let Ok(address) = given.trim().parse::<IpAddr>() else {
                    return client.to_canonical();
                };
                client = address;
                if !self.contain(address) {
                    return client.to_canonical();
                }
            }
        }
        client.to_canonical()
    }
}

/// What one client can hold many of counts as one: an IPv6 network of 64 bits.
pub fn bucket(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn client(proxies: &[&str], peer: &str, forwarded: &[&str]) -> String {
        let proxies = Proxies::new(proxies.iter().map(|text| text.parse().unwrap()).collect());
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED_FOR, HeaderValue::from_str(value).unwrap());
        }
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1)));
        proxies.client(&headers, &extensions).to_string()
    }

    #[test]
    fn only_named_proxies_are_believed_and_only_from_the_end() {
        for (proxies, peer, forwarded, expected) in [
            (&[][..], "203.0.113.9", &["1.2.3.4"][..], "203.0.113.9"),
            (&["10.0.0.0/8"], "203.0.113.9", &["1.2.3.4"], "203.0.113.9"),
            (&["10.0.0.0/8"], "10.1.2.3", &["1.2.3.4"], "1.2.3.4"),
            (&["10.0.0.0/8"], "::ffff:10.1.2.3", &["1.2.3.4"], "1.2.3.4"),
            // The client wrote the first one.
            (&["10.0.0.0/8"], "10.1.2.3", &["6.6.6.6, 1.2.3.4"], "1.2.3.4"),
            (&["10.0.0.0/8"], "10.1.2.3", &["6.6.6.6", "1.2.3.4"], "1.2.3.4"),
            (&["10.0.0.0/8"], "10.1.2.3", &["6.6.6.6, 1.2.3.4, 10.9.9.9"], "1.2.3.4"),
            (&["10.0.0.0/8"], "10.1.2.3", &["nonsense"], "10.1.2.3"),
            (&["10.0.0.0/8"], "10.1.2.3", &[], "10.1.2.3"),
            (&["127.0.0.1", "::1"], "::1", &["2001:db8::5"], "2001:db8::5"),
        ] {
            assert_eq!(client(proxies, peer, forwarded), expected, "{peer} {forwarded:?}");
        }
    }

    #[test]
    fn ranges_are_read_strictly() {
        for wrong in ["", "10.0.0.0/33", "10.0.0/8", "::1/129", "localhost", "10.0.0.0/"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
        let all: Network = "::/0".parse().unwrap();
        assert!(all.contains("9.9.9.9".parse().unwrap()));
    }

    #[test]
    fn one_network_of_ipv6_is_one_client() {
        let of = |text: &str| bucket(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
