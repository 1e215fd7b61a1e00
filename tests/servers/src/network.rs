//! The network among the servers of a group, which a test can part.
//!
//! Each server is reached through ports of this network, and connects to others from a loopback
//! address of its own, which tells the network whose connection it is. A parted network accepts
//! connections and passes nothing on, as if every packet were lost. Connections of clients, who come
//! from the usual loopback address, always work.

use std::collections::HashSet;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

/// A network without a fault at first. Its threads end with the process of the test.
#[derive(Clone, Debug, Default)]
pub(crate) struct Network(Arc<Parts>);

#[derive(Debug, Default)]
struct Parts {
    cut_off: Mutex<HashSet<Member>>,
    changed: Condvar,
}

/// A server of the group.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Member(u8);

impl Member {
    /// The server with this number, from 2 on.
    pub(crate) fn number(number: usize) -> Self {
        assert!(number >= 2, "the first address is that of clients");
        Self(u8::try_from(number).expect("a small group"))
    }

    /// Where its connections to others come from.
    pub(crate) fn source(self) -> Ipv4Addr {
        Ipv4Addr::new(127, 0, 0, self.0)
    }

    fn of(address: SocketAddr) -> Option<Self> {
        match address.ip() {
            IpAddr::V4(ip) if ip != Ipv4Addr::LOCALHOST => Some(Self(ip.octets()[3])),
            _ => None,
        }
    }
}

impl Network {
    /// Gives the port through which others reach the port `target` of a server.
    pub(crate) fn lead_to(&self, server: Member, target: u16) -> u16 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port of loopback");
        let port = listener.local_addr().expect("an address").port();
        let parts = Arc::clone(&self.0);
        thread::spawn(move || {
            while let Ok((near, from)) = listener.accept() {
                let link = Link {
                    parts: Arc::clone(&parts),
                    ends: Member::of(from).map(|caller| (caller, server)),
                };
                thread::spawn(move || link.connect(near, target));
            }
        });
        port
    }

    /// Cuts these servers off from all others, and not from each other.
    pub(crate) fn part(&self, cut_off: impl IntoIterator<Item = Member>) {
        *self.0.cut_off.lock().expect("parts") = cut_off.into_iter().collect();
        self.0.changed.notify_all();
    }
}

/// The way from one server to another, or from a client.
#[derive(Clone)]
struct Link {
    parts: Arc<Parts>,
    ends: Option<(Member, Member)>,
}

impl Link {
    fn connect(self, near: TcpStream, target: u16) {
        self.wait_until_whole();
        let Ok(far) = TcpStream::connect((Ipv4Addr::LOCALHOST, target)) else {
            return;
        };
        let both = [&near, &far].map(|end| end.set_nodelay(true).and_then(|()| end.try_clone()));
        let [Ok(near_again), Ok(far_again)] = both else {
            return;
        };
        let back = self.clone();
        thread::spawn(move || back.pass_on(far_again, near_again));
        self.pass_on(near, far);
    }

    fn pass_on(&self, mut from: TcpStream, mut to: TcpStream) {
        let mut buffer = [0; 16 * 1024];
        loop {
            let read = from.read(&mut buffer).unwrap_or(0);
            self.wait_until_whole();
            if read == 0 || to.write_all(&buffer[..read]).is_err() {
                break;
            }
        }
        // One of them may be closed already.
        let _closed = (to.shutdown(Shutdown::Write), from.shutdown(Shutdown::Read));
    }

    fn wait_until_whole(&self) {
        let Some((one, other)) = self.ends else {
            return;
        };
        let parts = self.parts.cut_off.lock().expect("parts");
        let is_cut =
            |cut_off: &mut HashSet<Member>| cut_off.contains(&one) != cut_off.contains(&other);
        drop(self.parts.changed.wait_while(parts, is_cut).expect("parts"));
    }
}
