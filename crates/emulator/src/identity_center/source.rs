//! Networks that requests may come from.

use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A network in CIDR notation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network {
    address: IpAddr,
    n_bits: u8,
}

/// A text that is no network.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a network: write it in CIDR notation, for example 192.0.2.0/24")]
pub struct NotANetwork(String);

impl Network {
    /// Whether an address lies in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let distinct = network.to_bits() ^ address.to_bits();
                u32::from(self.n_bits) <= distinct.leading_zeros()
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let distinct = network.to_bits() ^ address.to_bits();
                u32::from(self.n_bits) <= distinct.leading_zeros()
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let wrong = || NotANetwork(text.chars().take(64).collect());
        let (address, n_bits) = text.split_once('/').ok_or_else(wrong)?;
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let n_bits: u8 = n_bits.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        if n_bits > most { Err(wrong()) } else { Ok(Self { address, n_bits }) }
    }
}

impl TryFrom<String> for Network {
    type Error = NotANetwork;

    fn try_from(text: String) -> Result<Self, NotANetwork> {
        text.parse()
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        format!("{}/{}", network.address, network.n_bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_the_addresses_that_share_its_first_bits() {
        let network: Network = "192.0.2.0/25".parse().unwrap();
        assert!(network.contains("192.0.2.127".parse().unwrap()));
        assert!(!network.contains("192.0.2.128".parse().unwrap()));
        assert!(!network.contains("::1".parse().unwrap()));
        let anywhere: Network = "0.0.0.0/0".parse().unwrap();
        assert!(anywhere.contains("203.0.113.9".parse().unwrap()));
        let one: Network = "::1/128".parse().unwrap();
        assert!(one.contains("::1".parse().unwrap()) && !one.contains("::2".parse().unwrap()));
    }

    #[test]
    fn what_is_not_a_network_is_refused_in_one_sentence() {
        for text in ["192.0.2.0", "192.0.2.0/33", "::/129", "x/8", "192.0.2.0/-1"] {
            assert!(text.parse::<Network>().unwrap_err().to_string().contains("CIDR"), "{text}");
        }
    }
}
