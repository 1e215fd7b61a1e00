//! The network between an issuer and a store, which a test makes slow, silent or broken.
//!
//! It copies bytes between a port of loopback and the socket of a store, and knows no protocol.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// What the network does to the bytes of every connection, those that are open included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// It passes them on at once.
    None,
    /// It passes the replies of the store on half a second later.
    Slow,
    /// It closes every connection.
    Cut,
    /// It accepts connections and passes nothing on.
    Silent,
    /// It passes one byte of the replies on in a second.
    Trickle,
}

/// A network that ends with the value. It has no fault at first.
#[derive(Debug)]
pub struct Network {
    address: SocketAddr,
    fault: watch::Sender<Fault>,
    listening: JoinHandle<()>,
}

impl Network {
    /// A network that leads to the socket of a store.
    pub async fn to(socket: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port of loopback");
        let address = listener.local_addr().expect("an address");
        let (fault, faults) = watch::channel(Fault::None);
        let listening = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(connect(near, socket.clone(), faults.clone()));
            }
        });
        Self {
            address,
            fault,
            listening,
        }
    }

    /// Where the issuer connects instead of to the store.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on the network has this fault and no other.
    pub fn set(&self, fault: Fault) {
        self.fault.send_replace(fault);
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn connect(near: TcpStream, socket: PathBuf, faults: watch::Receiver<Fault>) {
    if *faults.borrow() == Fault::Cut {
        return;
    }
    let Ok(far) = UnixStream::connect(socket).await else {
        return;
    };
    let (near_reads, near_writes) = split(near);
    let (far_reads, far_writes) = split(far);
    // The connection is over in both directions as soon as it is in one.
    tokio::select! {
        () = pass_on(near_reads, far_writes, Direction::Request, faults.clone()) => {}
        () = pass_on(far_reads, near_writes, Direction::Reply, faults.clone()) => {}
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Request,
    Reply,
}

async fn pass_on(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    direction: Direction,
    mut faults: watch::Receiver<Fault>,
) {
    let mut buffer = [0; 16 * 1024];
    loop {
        let fault = *faults.borrow_and_update();
        let (wait, most) = match fault {
            Fault::Cut => return,
            Fault::Silent => {
                if faults.changed().await.is_err() {
                    return;
                }
                continue;
            }
            Fault::Slow if direction == Direction::Reply => (HALF_A_SECOND, buffer.len()),
            Fault::Trickle if direction == Direction::Reply => (A_SECOND, 1),
            Fault::None | Fault::Slow | Fault::Trickle => (Duration::ZERO, buffer.len()),
        };
        let read = tokio::select! {
            read = from.read(&mut buffer[..most]) => read,
            changed = faults.changed() => match changed {
                Ok(()) => continue,
                Err(_over) => return,
            },
        };
        let Ok(read @ 1..) = read else { return };
        // A new fault decides about the bytes after these.
        tokio::select! {
            () = sleep(wait), if !wait.is_zero() => {}
            _changed_or_over = faults.changed(), if !wait.is_zero() => {}
            else => {}
        }
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}

const HALF_A_SECOND: Duration = Duration::from_millis(500);
const A_SECOND: Duration = Duration::from_secs(1);
