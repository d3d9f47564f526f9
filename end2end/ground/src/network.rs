//! Which ports and which addresses are free?
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use rand::RngExt;

use crate::layout::Layout;

/// Below the range from which systems take the ports of outgoing connections, so a port that is free now is still
/// free when the server starts.
const PORTS: std::ops::Range<u16> = 20_000..30_000;

/// `N` different loopback ports that nobody listens on.
pub(crate) fn free_ports<const N: usize>() -> Result<[u16; N]> {
    let mut listeners: Vec<TcpListener> = Vec::new();
    for _ in 0..1000 {
        if listeners.len() == N {
            break;
        }
        listeners.extend(TcpListener::bind((Ipv4Addr::LOCALHOST, rand::rng().random_range(PORTS))));
    }
    let ports = listeners.iter().map(|listener| Ok(listener.local_addr()?.port())).collect::<Result<Vec<u16>>>()?;
    ports.try_into().ok().context("no free port was found")
}

/// The pods' network: 10.x.y.0/24.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Subnet {
    x: u8,
    y: u8,
}

impl Subnet {
    pub(crate) fn gateway(self) -> Ipv4Addr {
        Ipv4Addr::new(10, self.x, self.y, 1)
    }

    pub(crate) fn cidr(self) -> String {
        format!("10.{}.{}.0/24", self.x, self.y)
    }
}

/// A subnet that no route of the machine touches, started from the ground's id so that grounds rarely try the same.
fn choose(id: &str, routes: &str) -> Option<Subnet> {
    let seed = u32::from_str_radix(id, 16).unwrap_or_default();
    let taken: Vec<(u32, u32)> = routes.lines().skip(1).filter_map(route).collect();
    (0..16_384).find_map(|step| {
        let number = (seed.wrapping_add(step) % 16_384).to_be_bytes();
        let [.., x, y] = number;
        let subnet = Subnet { x: x + 128, y };
        let first = u32::from(subnet.gateway()) & 0xffff_ff00;
        let free = taken.iter().all(|(net, mask)| {
            let shared = mask & 0xffff_ff00;
            first & shared != net & shared
        });
        free.then_some(subnet)
    })
}

/// Destination and mask of a line of `/proc/net/route`, except for the default route, which covers everything.
fn route(line: &str) -> Option<(u32, u32)> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let number = |index: usize| Some(u32::from_str_radix(fields.get(index)?, 16).ok()?.swap_bytes());
    let (net, mask) = (number(1)?, number(7)?);
    (mask != 0).then_some((net, mask))
}

pub(crate) fn choose_subnet(layout: &Layout) -> Result<Subnet> {
    let routes = std::fs::read_to_string("/proc/net/route").context("cannot read the machine's routes")?;
    choose(layout.id(), &routes).context("no free network for the pods was found below 10.128.0.0/9")
}

fn ip(arguments: &[&str]) -> Result<()> {
    let output = Command::new("ip").args(arguments).stdin(Stdio::null()).output().context("cannot run ip")?;
    if !output.status.success() {
        bail!("ip {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

/// The bridge is made before the first pod needs it: its address is also the node's.
pub(crate) fn make_bridge(layout: &Layout, subnet: Subnet) -> Result<()> {
    let bridge = layout.bridge();
    ip(&["link", "add", &bridge, "type", "bridge"])?;
    ip(&["address", "add", &format!("{}/24", subnet.gateway()), "dev", &bridge])?;
    ip(&["link", "set", &bridge, "up"])
}

pub(crate) fn remove_bridge(layout: &Layout) -> Result<()> {
    let bridge = layout.bridge();
    if std::path::Path::new("/sys/class/net").join(&bridge).exists() { ip(&["link", "delete", &bridge]) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";

    #[test]
    fn a_network_in_use_is_passed_over() {
        let first = choose("000102", HEAD).unwrap();
        assert_eq!(first.cidr(), "10.129.2.0/24");
        let taken = format!("{HEAD}br0\t0002810A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n");
        assert_eq!(choose("000102", &taken).unwrap().cidr(), "10.129.3.0/24");
        let wide = format!("{HEAD}br0\t0000810A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n");
        assert_eq!(choose("000102", &wide).unwrap().cidr(), "10.130.0.0/24");
    }

    #[test]
    fn the_default_route_takes_nothing() {
        let routes = format!("{HEAD}eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n");
        assert_eq!(choose("000102", &routes), choose("000102", HEAD));
    }

    #[test]
    fn the_ports_differ() {
        let mut ports = free_ports::<5>().unwrap();
        ports.sort_unstable();
        assert!(ports.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
